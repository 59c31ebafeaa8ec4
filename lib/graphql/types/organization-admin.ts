/**
 * The fields and mutations for admins of an organization: verified domains, roles, the acts on the organization, and acts on its
 * invitations and members at Clerk.
 */
import { findInvitableRoles } from "../../acts/organization-acts";
import { ORGANIZATION_ADMIN, performAct } from "../../acts/perform";
import { notDeleted } from "../../db";
import { visibleText } from "../../format";
import type { Domain as DomainRow, Role as RoleRow } from "../../generated/prisma/client";
import type { Viewer } from "../../identity/viewer";
import { builder } from "../builder";
import { type Context, viewerDbOf } from "../context";
import { graphQLError, requireSelf } from "../errors";
import { freshByAct } from "../fresh";
import {
  Act,
  ActOutcomeType,
  type AllowedOutcome,
  changedIdOf,
  errorOf,
  isChangedBy,
  requireConfirmed,
} from "./act";
import { FieldLoaders } from "./batch-load";
import { Organization } from "./organization";
import { isStorable } from "./storable-text";

export function isOrganizationAdmin(
  viewer: Viewer | null,
  organizationId: string | null | undefined,
): boolean {
  return (
    viewer?.user.memberships.some(
      (membership) =>
        membership.organizationId === organizationId && membership.role === ORGANIZATION_ADMIN,
    ) ?? false
  );
}

const ofItsAdmins = {
  authScopes: ({ id }: { id: string }, _args: unknown, { authentication }: Context) =>
    isOrganizationAdmin(authentication.viewer, id) ? true : { admin: true },
};

const Domain = builder.prismaObject("Domain", {
  name: "OrganizationDomain",
  description: "An e-mail domain of an organization.",
  authScopes: ({ organizationId }, { authentication }) =>
    isOrganizationAdmin(authentication.viewer, organizationId) ? true : { admin: true },
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false }),
    name: t.exposeString("name"),
    enrollmentMode: t.exposeString("enrollmentMode", {
      description:
        "What happens to users with such an address: manual_invitation, automatic_invitation or automatic_suggestion.",
    }),
    isVerified: t.boolean({
      nullable: false,
      resolve: ({ verificationStatus }) => verificationStatus === "verified",
    }),
  }),
});

type Role = Pick<RoleRow, "key" | "name">;

const OrganizationRole = builder.objectRef<Role>("OrganizationRole").implement({
  description: "A role that a member of an organization can have.",
  authScopes: { viewer: true },
  fields: (t) => ({
    key: t.exposeString("key", { description: "Clerk's key, e.g. org:admin." }),
    name: t.string({ resolve: ({ name }) => visibleText(name) }),
  }),
});

const LISTED = 100;
const domains = new FieldLoaders<DomainRow[]>();

builder.objectFields(Organization, (t) => ({
  isViewerAdmin: t.boolean({
    nullable: false,
    description: "Whether the viewer is an admin of it.",
    resolve: ({ id }, _args, { authentication }) => isOrganizationAdmin(authentication.viewer, id),
  }),
  domains: t.field({
    type: [Domain],
    description: `Its e-mail domains by name; the first ${LISTED}. For its admins and platform admins.`,
    ...ofItsAdmins,
    resolve: async ({ id }, _args, context, { fieldNodes: [field] }) => {
      if (!field) return [];
      const found = await domains.load(context, field, id, async (ids) => {
        const rows = await viewerDbOf(context).domain.findMany({
          where: { organizationId: { in: [...ids] }, ...notDeleted },
          orderBy: [{ name: "asc" }, { id: "asc" }],
          take: LISTED * ids.length,
        });
        return new Map(
          ids.map((one) => [
            one,
            rows.filter(({ organizationId }) => organizationId === one).slice(0, LISTED),
          ]),
        );
      });
      return found ?? [];
    },
  }),
  roles: t.field({
    type: [OrganizationRole],
    description: "The roles that an invitation can give. For its admins and platform admins.",
    ...ofItsAdmins,
    resolve: () => findInvitableRoles(),
  }),
}));

const ACTS_LISTED = 50;

builder.queryField("organizationActs", (t) =>
  t.prismaField({
    type: [Act],
    nullable: false,
    description: `What admins asked Clerk to do in an organization, newest first: the last ${ACTS_LISTED}. For its admins and platform admins.`,
    args: { organizationId: t.arg.id({ required: true }) },
    authScopes: (_root, { organizationId }, { authentication }) =>
      isOrganizationAdmin(authentication.viewer, organizationId) ? true : { admin: true },
    resolve: (select, _root, { organizationId }, context) =>
      isStorable(organizationId)
        ? viewerDbOf(context).act.findMany({
            ...select,
            where: { organizationId },
            orderBy: [{ requestedAt: "desc" }, { id: "desc" }],
            take: ACTS_LISTED,
          })
        : [],
  }),
);

const InvitationField = builder.enumType("InvitationField", {
  values: { EMAIL: { value: "email" }, ROLE: { value: "role" } } as const,
});

/**
 * Returns the form field at which an error is shown; null if it is shown below the form. A refusal of Clerk is shown at the role
 * if Clerk names the role, or else at the e-mail address, which Clerk calls `email_address`. Rate limits, timeouts and outages
 * are shown below the form.
 */
function fieldOf(outcome: AllowedOutcome): "email" | "role" | null {
  if (outcome.state === "invalid")
    return outcome.error.field === "role" ? "role" : outcome.error.field === null ? null : "email";
  if (!("refusal" in outcome)) return null;
  const { isCertain, code, field } = outcome.refusal;
  if (!isCertain || code === "rate_limited") return null;
  return field === "role" ? "role" : "email";
}

const InvitationOutcome = builder.objectRef<AllowedOutcome>("InvitationOutcome").implement({
  description:
    "The result of an act at Clerk. The mirror shows it once Clerk's webhook has come: until then the invitation is pending at Clerk.",
  authScopes: { viewer: true },
  fields: (t) => ({
    invitationId: t.id({
      description: "Null when Clerk refused.",
      resolve: changedIdOf,
    }),
    isChanged: t.boolean({
      nullable: false,
      description: "False when there was nothing to do, as for the second of two equal requests.",
      resolve: isChangedBy,
    }),
    error: t.string({
      description: "Why it was refused, in words; from Clerk when Clerk refused.",
      resolve: errorOf,
    }),
    errorField: t.field({
      type: InvitationField,
      description: "The argument that the error is about; null when it is about none.",
      resolve: fieldOf,
    }),
  }),
});

const notAdmin = () => graphQLError("FORBIDDEN", "Only an admin of this organization may do this.");

type OwnAct = { name: string; organizationId: string; objectId: string; args?: object };

/** Performs an act with the rights of an admin of the organization. @throws FORBIDDEN for every other viewer. */
async function performOwnAct(context: Context, given: OwnAct): Promise<AllowedOutcome> {
  const { name, organizationId, objectId, args = {} } = given;
  const actorId = requireSelf(context).user.id;
  if (!isStorable(organizationId)) throw notAdmin();
  const outcome = await performAct({
    ...{ name, objectId, args, reason: null, actorId },
    authority: { kind: "organization", organizationId },
  });
  if (outcome.state === "not-admin") throw notAdmin();
  if (outcome.state === "invalid") requireConfirmed(outcome.error);
  return outcome;
}

builder.mutationFields((t) => ({
  inviteToOrganization: t.field({
    type: InvitationOutcome,
    nullable: false,
    description:
      "Invites an e-mail address, through Clerk. For admins of the organization. A second call for the same address returns the pending invitation.",
    authScopes: { viewer: true },
    fresh: freshByAct,
    args: {
      organizationId: t.arg.id({ required: true }),
      email: t.arg.string({ required: true }),
      role: t.arg.string({ required: true, description: "Clerk's role key, e.g. org:member." }),
    },
    resolve: (_root, { organizationId, email, role }, context) =>
      performOwnAct(context, {
        ...{ name: "organization.invite", organizationId, objectId: organizationId },
        args: { email, role },
      }),
  }),
  revokeInvitation: t.field({
    type: InvitationOutcome,
    nullable: false,
    description: "Revokes a pending invitation, through Clerk. For admins of the organization.",
    authScopes: { viewer: true },
    fresh: freshByAct,
    args: {
      organizationId: t.arg.id({ required: true }),
      invitationId: t.arg.id({ required: true }),
    },
    resolve: (_root, { organizationId, invitationId }, context) =>
      performOwnAct(context, {
        ...{ name: "invitation.revoke", organizationId, objectId: invitationId },
      }),
  }),
  resendInvitation: t.field({
    type: InvitationOutcome,
    nullable: false,
    description:
      "Revokes an invitation and sends a new one to the same address, through Clerk. For admins of the organization.",
    authScopes: { viewer: true },
    fresh: freshByAct,
    args: {
      organizationId: t.arg.id({ required: true }),
      invitationId: t.arg.id({ required: true }),
    },
    resolve: (_root, { organizationId, invitationId }, context) =>
      performOwnAct(context, {
        ...{ name: "invitation.resend", organizationId, objectId: invitationId },
      }),
  }),
  changeMemberRole: t.field({
    type: ActOutcomeType,
    nullable: false,
    description: "Changes a member's role, through Clerk. For admins of the organization.",
    authScopes: { viewer: true },
    fresh: freshByAct,
    args: {
      organizationId: t.arg.id({ required: true }),
      membershipId: t.arg.id({ required: true }),
      role: t.arg.string({ required: true, description: "Clerk's role key, e.g. org:member." }),
    },
    resolve: (_root, { organizationId, membershipId, role }, context) =>
      performOwnAct(context, {
        ...{ name: "membership.set_role", organizationId, objectId: membershipId, args: { role } },
      }),
  }),
  removeMember: t.field({
    type: ActOutcomeType,
    nullable: false,
    description: "Removes a member, through Clerk. For admins of the organization.",
    authScopes: { viewer: true },
    fresh: freshByAct,
    args: {
      organizationId: t.arg.id({ required: true }),
      membershipId: t.arg.id({ required: true }),
    },
    resolve: (_root, { organizationId, membershipId }, context) =>
      performOwnAct(context, {
        ...{ name: "membership.remove", organizationId, objectId: membershipId },
      }),
  }),
}));
