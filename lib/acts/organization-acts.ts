/** Acts on an organization, its members, invitations and domains. */
import type { ClerkClient } from "@clerk/backend";
import { z } from "zod";
import { database, notDeleted } from "../db";
import { env } from "../env";
import { roleName } from "../format";
import { invitationLandingPath } from "../paths";
import { defineAct, type FieldError, type Proof } from "./act";
import { deletion, emailAddress, jsonObject, none, oneLine, someMetadata } from "./arguments";
import { callClerk, hasClerkCode } from "./at-clerk";
import { deleteAtClerk } from "./delete";

/** The roles that every Clerk instance has by default. */
const FIRST_ROLES = ["org:admin", "org:member"];

type InvitableRole = {
  key: string;
  /** The name of the role; null for a default role that is not mirrored. */
  name: string | null;
};

/**
 * Resolves to the mirrored roles, sorted by name, and then the default roles that are not mirrored. Before the first
 * reconciliation, the mirror has only the roles for which a webhook arrived, so a default role that the mirror lacks may exist at
 * Clerk. If it does not, Clerk refuses the act.
 */
export async function findInvitableRoles(): Promise<InvitableRole[]> {
  const rows = await database().prisma.role.findMany({
    where: notDeleted,
    select: { key: true, name: true },
    orderBy: [{ name: "asc" }, { id: "asc" }],
    take: 100,
  });
  const roles = rows.flatMap(({ key, name }) => (key === null ? [] : [{ key, name }]));
  const missing = FIRST_ROLES.filter((first) => !roles.some(({ key }) => key === first));
  return [...roles, ...missing.map((key) => ({ key, name: null }))];
}

const role = z.string().regex(/^[\w:-]{1,100}$/, "Choose a role.");

type Written = { id: string; updatedAt: number };

const proofOf = (table: Proof["table"], { id, updatedAt }: Written): { proofs: Proof[] } => ({
  proofs: [{ table, id, version: updatedAt }],
});

async function refuseUnknownRole(key: string): Promise<FieldError | null> {
  const roles = await findInvitableRoles();
  return roles.some((known) => known.key === key)
    ? null
    : { field: "role", message: "There is no such role. Choose another one." };
}

const INVITATION_PAGE = 500;

/**
 * Finds the pending invitation of this address. Used when Clerk refuses a second invitation, after a double click or a retry
 * after a lost response.
 */
async function findPending(
  client: ClerkClient,
  organizationId: string,
  email: string,
): Promise<Written | null> {
  const ask = { organizationId, status: ["pending" as const], limit: INVITATION_PAGE };
  for (let offset = 0; ; offset += INVITATION_PAGE) {
    const { data } = await callClerk(() =>
      client.organizations.getOrganizationInvitationList({ ...ask, offset }),
    );
    const found = data.find(({ emailAddress }) => emailAddress.toLowerCase() === email);
    if (found) return found;
    if (data.length < INVITATION_PAGE) return null;
  }
}

type Invite = { organizationId: string; email: string; role: string; actorId: string };

async function invite(client: ClerkClient, given: Invite) {
  const { organizationId, email, actorId } = given;
  const created = await callClerk(() =>
    client.organizations.createOrganizationInvitation({
      organizationId,
      inviterUserId: actorId,
      emailAddress: email,
      role: given.role,
      redirectUrl: `${env().appUrl}${invitationLandingPath(organizationId)}`,
    }),
  );
  return { ...proofOf("invitations", created), createdId: created.id };
}

const enrollmentMode = z.enum(
  ["manual_invitation", "automatic_invitation", "automatic_suggestion"],
  "Choose how people with this domain join.",
);

export const organizationActs = [
  defineAct({
    ...{ name: "organization.invite", kind: "organization", label: "Invite someone" },
    ...{ busyLabel: "Inviting", reason: "none" },
    args: z.strictObject({ email: emailAddress, role }),
    sentence: ({ label }) => `Clerk sends an e-mail with a link to join ${label}.`,
    audit: (args) => ({ role: args.role }),
    refuse: (_organization, args) => refuseUnknownRole(args.role),
    run: async (client, { id: organizationId }, { email, role }, actorId) => {
      try {
        return await invite(client, { organizationId, email, role, actorId });
      } catch (error) {
        const existing = hasClerkCode(error, "duplicate_record")
          ? await findPending(client, organizationId, email)
          : null;
        if (existing === null) throw error;
        return { proofs: [], createdId: existing.id, isChanged: false };
      }
    },
  }),
  defineAct({
    ...{ name: "invitation.revoke", kind: "invitation", args: none, label: "Revoke" },
    ...{ busyLabel: "Revoking", reason: "none", isDestructive: true },
    manySentence: "The links that they received stop working.",
    sentence: ({ label }) => `The link that ${label} received stops working.`,
    skip: ({ row }) => (row.status === "pending" ? null : "Not pending"),
    run: async (client, { id: invitationId, organizationId }, _args, requestingUserId) => {
      try {
        const revoked = await callClerk(() =>
          client.organizations.revokeOrganizationInvitation({
            ...{ organizationId, invitationId, requestingUserId },
          }),
        );
        return proofOf("invitations", { ...revoked, id: invitationId });
      } catch (error) {
        // The invitation was already accepted or revoked, or has expired. The mirror has its status.
        if (!hasClerkCode(error, "organization_invitation_not_pending")) throw error;
        return { proofs: [], isChanged: false };
      }
    },
  }),
  defineAct({
    ...{ name: "invitation.resend", kind: "invitation", args: none, label: "Send again" },
    ...{ busyLabel: "Sending", reason: "none" },
    manySentence:
      "Rollcall revokes each of these invitations and invites its address again, so the old links stop working.",
    sentence: ({ label }) =>
      `Clerk cannot send an invitation twice. Rollcall revokes this one and invites ${label} again, so the old link stops working.`,
    skip: ({ row }) => (row.status === "accepted" ? "Accepted already" : null),
    refuse: ({ row }) =>
      row.email ? null : { field: null, message: "This invitation has no address." },
    run: async (client, { id: invitationId, organizationId, row }, _args, actorId) => {
      try {
        await callClerk(() =>
          client.organizations.revokeOrganizationInvitation({
            ...{ organizationId, invitationId, requestingUserId: actorId },
          }),
        );
      } catch (error) {
        if (!hasClerkCode(error, "organization_invitation_not_pending")) throw error;
      }
      const given = { email: row.email ?? "", role: row.role ?? "org:member" };
      return invite(client, { organizationId, ...given, actorId });
    },
  }),
  defineAct({
    ...{ name: "organization.add_member", kind: "organization", label: "Add member" },
    ...{ busyLabel: "Adding", reason: "none" },
    args: z.strictObject({
      userId: z.string().regex(/^user_\w{1,100}$/, "Enter a user id."),
      role,
    }),
    sentence: ({ label }) =>
      `The user becomes a member of ${label} at once, without an invitation.`,
    audit: ({ userId, role }) => ({ userId, role }),
    refuse: (_organization, args) => refuseUnknownRole(args.role),
    run: async (client, { id: organizationId }, { userId, role }) => {
      const created = await callClerk(() =>
        client.organizations.createOrganizationMembership({ organizationId, userId, role }),
      );
      return { ...proofOf("memberships", created), createdId: created.id };
    },
  }),
  defineAct({
    ...{ name: "membership.set_role", kind: "membership", label: "Change role" },
    ...{ busyLabel: "Changing", reason: "none" },
    manySentence: "Changes the role of each of them. It applies to their next request.",
    args: z.strictObject({ role }),
    sentence: ({ label, row }) =>
      `Changes the role of ${label}, now ${roleName(row.role, row.roleName)}. It applies to their next request.`,
    skip: ({ row }, args) => (row.role === args.role ? "Has this role already" : null),
    audit: (args) => ({ role: args.role }),
    refuse: (_membership, args) => refuseUnknownRole(args.role),
    run: async (client, { userId, organizationId }, args) => {
      const changed = await callClerk(() =>
        client.organizations.updateOrganizationMembership({
          ...{ userId, organizationId, role: args.role },
        }),
      );
      const [proof] = proofOf("memberships", changed).proofs;
      return { proofs: proof ? [{ ...proof, fields: { role: args.role } }] : [] };
    },
  }),
  defineAct({
    ...{ name: "membership.remove", kind: "membership", args: none, label: "Remove" },
    ...{ busyLabel: "Removing", reason: "optional", isDestructive: true },
    manySentence: "Each of them loses access to the organization and can be invited again.",
    sentence: ({ label }) => `Removes ${label}. They lose access to it and can be invited again.`,
    run: async (client, { id, userId, organizationId }) => {
      await callClerk(() =>
        client.organizations.deleteOrganizationMembership({ userId, organizationId }),
      );
      return { proofs: [{ table: "memberships", id, deleted: true }] };
    },
  }),
  defineAct({
    ...{ name: "organization.rename", kind: "organization", label: "Rename" },
    ...{ busyLabel: "Saving", reason: "none" },
    args: z.strictObject({ name: oneLine(1, 256), slug: oneLine(0, 256).optional() }),
    sentence: ({ label }) => `Members see the new name of ${label} at once.`,
    run: async (client, { id }, { name, slug }) =>
      proofOf(
        "organizations",
        await callClerk(() =>
          client.organizations.updateOrganization(id, { name, ...(slug && { slug }) }),
        ),
      ),
  }),
  defineAct({
    ...{ name: "organization.set_metadata", kind: "organization", label: "Edit metadata" },
    ...{ busyLabel: "Saving", reason: "optional" },
    args: someMetadata({
      ...{ publicMetadata: jsonObject.optional(), privateMetadata: jsonObject.optional() },
    }),
    sentence: ({ label }) =>
      `Replaces the metadata of ${label}. What is not in the new value is removed.`,
    audit: (args) => ({ fields: Object.keys(args).sort().join(", ") }),
    run: async (client, { id }, args) =>
      proofOf(
        "organizations",
        await callClerk(() => client.organizations.replaceOrganizationMetadata(id, args)),
      ),
  }),
  defineAct({
    ...{ name: "organization.merge_metadata", kind: "organization", label: "Merge metadata" },
    ...{ busyLabel: "Saving", reason: "optional" },
    manySentence: "Sets these keys in the metadata of each of them. Other keys stay.",
    args: someMetadata({
      ...{ publicMetadata: jsonObject.optional(), privateMetadata: jsonObject.optional() },
    }),
    sentence: ({ label }) => `Sets these keys in the metadata of ${label}. Other keys stay.`,
    audit: (args) => ({ fields: Object.keys(args).sort().join(", ") }),
    run: async (client, { id }, args) =>
      proofOf(
        "organizations",
        await callClerk(() => client.organizations.updateOrganizationMetadata(id, args)),
      ),
  }),
  defineAct({
    ...{ name: "organization.add_domain", kind: "organization", label: "Add domain" },
    ...{ busyLabel: "Adding", reason: "none" },
    args: z.strictObject({
      name: z
        .string()
        .transform((text) => text.trim().toLowerCase())
        .pipe(z.string().regex(/^([a-z0-9-]+\.)+[a-z]{2,}$/, "Enter a domain like example.com.")),
      enrollmentMode,
    }),
    sentence: ({ label }) =>
      `Adds the domain to ${label} as verified: make sure that it belongs to this organization.`,
    audit: (args) => ({ enrollmentMode: args.enrollmentMode }),
    run: async (client, { id: organizationId }, args) => {
      const created = await callClerk(() =>
        client.organizations.createOrganizationDomain({
          ...{ organizationId, ...args, verified: true },
        }),
      );
      return { ...proofOf("domains", created), createdId: created.id };
    },
  }),
  defineAct({
    ...{ name: "organization.delete", kind: "organization", args: deletion, label: "Delete" },
    ...{ busyLabel: "Deleting", reason: "required", isDestructive: true, isIrreversible: true },
    manySentence:
      "Deletes each of them with its memberships, invitations and domains. The members keep their accounts. This cannot be undone.",
    sentence: ({ label }) =>
      `Deletes ${label} with its memberships, invitations and domains. The members keep their accounts. This cannot be undone.`,
    audit: ({ deletionReason }) => ({ deletionReason }),
    run: async (client, { id }, { deletionReason: reason }, actorId) => {
      const request = { kind: "organization" as const, id, reason, requestedBy: actorId };
      await deleteAtClerk(request, () => client.organizations.deleteOrganization(id));
      return { proofs: [{ table: "organizations", id, deleted: true }] };
    },
  }),
  defineAct({
    ...{ name: "domain.enable", kind: "domain", label: "Verify and set enrollment" },
    ...{ busyLabel: "Saving", reason: "none" },
    args: z.strictObject({ enrollmentMode }),
    sentence: ({ label }) =>
      `Marks ${label} as verified and sets what happens to people with such an address.`,
    audit: (args) => ({ enrollmentMode: args.enrollmentMode }),
    run: async (client, { id: domainId, organizationId }, args) => {
      const changed = await callClerk(() =>
        client.organizations.updateOrganizationDomain({
          ...{ organizationId, domainId, verified: true, enrollmentMode: args.enrollmentMode },
        }),
      );
      return proofOf("domains", changed);
    },
  }),
  defineAct({
    ...{ name: "domain.remove", kind: "domain", args: none, label: "Remove" },
    ...{ busyLabel: "Removing", reason: "none", isDestructive: true },
    sentence: ({ label }) =>
      `Removes ${label}. People with such an address are not invited any more; members stay.`,
    run: async (client, { id: domainId, organizationId }) => {
      await callClerk(() =>
        client.organizations.deleteOrganizationDomain({ organizationId, domainId }),
      );
      return { proofs: [{ table: "domains", id: domainId, deleted: true }] };
    },
  }),
];
