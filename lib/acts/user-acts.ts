/** Acts on a user or a session, and the acts on the instance that create or invite a user. */
import type { ClerkClient } from "@clerk/backend";
import { z } from "zod";
import { env } from "../env";
import {
  findRefusingOrganizations,
  ONLY_ADMIN_ADVICE,
  ONLY_ADMIN_MESSAGE,
} from "../erasure/last-admin";
import { paths } from "../paths";
import { defineAct, type FieldError, type Proof } from "./act";
import { deletion, emailAddress, jsonObject, none, oneLine, someMetadata } from "./arguments";
import { callClerk } from "./at-clerk";
import { deleteAtClerk } from "./delete";
import type { ObjectOf } from "./find-object";

type Target = ObjectOf["user"];

const proofOf = (user: { id: string; updatedAt: number }, fields?: Proof["fields"]) => ({
  proofs: [
    { table: "users" as const, id: user.id, version: user.updatedAt, ...(fields && { fields }) },
  ],
});

/** Refuses an act by which admins would lock themselves out. */
const notOneself =
  (verb: string) =>
  ({ id }: Target, _args: unknown, actorId: string): FieldError | null =>
    id === actorId ? { field: null, message: `You cannot ${verb} yourself.` } : null;

/** Refuses the deletion of a user whose organizations would keep members but no admin, if LAST_ADMIN_POLICY says so. */
async function refuseLastAdmin({ id, label }: Target): Promise<FieldError | null> {
  const names = await findRefusingOrganizations(id);
  if (names === null) return null;
  return {
    field: null,
    message: `${label} is the only admin of ${names}. ${ONLY_ADMIN_ADVICE}`,
    storedMessage: ONLY_ADMIN_MESSAGE,
  };
}

const SESSION_PAGE = 100;

/**
 * Ends every session of the user that has the status `active` at Clerk. Reads the sessions from Clerk, because the mirror may not
 * have the newest session yet.
 */
async function endSessions(client: ClerkClient, userId: string): Promise<Proof[]> {
  const proofs: Proof[] = [];
  const ask = { userId, status: "active" as const, limit: SESSION_PAGE };
  for (;;) {
    const { data } = await callClerk(() => client.sessions.getSessionList(ask));
    for (const { id } of data) {
      await callClerk(() => client.sessions.revokeSession(id));
      proofs.push({ table: "sessions", id, deleted: true });
    }
    if (data.length < SESSION_PAGE) return proofs;
  }
}

export const userActs = [
  defineAct({
    ...{ name: "user.ban", kind: "user", args: none, label: "Ban", busyLabel: "Banning" },
    ...{ reason: "required", isDestructive: true },
    manySentence:
      "Each of them is signed out everywhere and cannot sign in until an admin lifts the ban.",
    sentence: ({ label }) =>
      `${label} is signed out everywhere and cannot sign in until an admin lifts the ban.`,
    skip: ({ row }) => (row.isBanned ? "Banned already" : null),
    refuse: notOneself("ban"),
    run: async (client, { id }) =>
      proofOf(await callClerk(() => client.users.banUser(id)), { is_banned: true }),
  }),
  defineAct({
    ...{ name: "user.unban", kind: "user", args: none, label: "Lift ban", busyLabel: "Lifting" },
    ...{ reason: "optional" },
    manySentence: "Each of them can sign in again.",
    sentence: ({ label }) => `${label} can sign in again.`,
    skip: ({ row }) => (row.isBanned ? null : "Not banned"),
    run: async (client, { id }) =>
      proofOf(await callClerk(() => client.users.unbanUser(id)), { is_banned: false }),
  }),
  defineAct({
    ...{ name: "user.lock", kind: "user", args: none, label: "Lock", busyLabel: "Locking" },
    ...{ reason: "required", isDestructive: true },
    manySentence:
      "None of them can sign in until the lock expires or an admin lifts it. Open sessions stay.",
    sentence: ({ label }) =>
      `${label} cannot sign in until the lock expires or an admin lifts it. Open sessions stay.`,
    skip: ({ row }) => (row.isLocked ? "Locked already" : null),
    refuse: notOneself("lock"),
    run: async (client, { id }) =>
      proofOf(await callClerk(() => client.users.lockUser(id)), { is_locked: true }),
  }),
  defineAct({
    ...{ name: "user.unlock", kind: "user", args: none, label: "Unlock", busyLabel: "Unlocking" },
    ...{ reason: "optional" },
    manySentence: "Each of them can try to sign in again.",
    sentence: ({ label }) => `${label} can try to sign in again.`,
    skip: ({ row }) => (row.isLocked ? null : "Not locked"),
    run: async (client, { id }) =>
      proofOf(await callClerk(() => client.users.unlockUser(id)), { is_locked: false }),
  }),
  defineAct({
    ...{ name: "user.end_sessions", kind: "user", args: none, label: "End all sessions" },
    ...{ busyLabel: "Ending", reason: "optional", isDestructive: true },
    manySentence:
      "Each of them is signed out on every device within a minute, and may sign in again.",
    sentence: ({ label }) =>
      `${label} is signed out on every device within a minute, and may sign in again.`,
    refuse: ({ id }, _args, actorId) =>
      id === actorId
        ? { field: null, message: "End your own sessions on your account page." }
        : null,
    run: async (client, { id }) => {
      const proofs = await endSessions(client, id);
      return { proofs, isChanged: proofs.length > 0 };
    },
  }),
  defineAct({
    ...{
      name: "user.delete",
      kind: "user",
      args: deletion,
      label: "Delete",
      busyLabel: "Deleting",
    },
    ...{ reason: "required", isDestructive: true, isIrreversible: true },
    manySentence:
      "Each of them loses the account, all sessions and all memberships. Rollcall erases their data. This cannot be undone.",
    sentence: ({ label }) =>
      `${label} loses the account, all sessions and all memberships. Rollcall erases their data. This cannot be undone.`,
    audit: ({ deletionReason }) => ({ deletionReason }),
    refuse: async (user, args, actorId) =>
      notOneself("delete")(user, args, actorId) ?? (await refuseLastAdmin(user)),
    run: async (client, { id }, { deletionReason: reason }, actorId) => {
      const request = { id, reason, requestedBy: actorId };
      await deleteAtClerk(request, () => client.users.deleteUser(id));
      return { proofs: [{ table: "users", id, deleted: true }] };
    },
  }),
  defineAct({
    ...{ name: "user.set_metadata", kind: "user", label: "Edit metadata", busyLabel: "Saving" },
    reason: "optional",
    args: someMetadata({
      ...{ publicMetadata: jsonObject.optional(), privateMetadata: jsonObject.optional() },
      unsafeMetadata: jsonObject.optional(),
    }),
    sentence: ({ label }) =>
      `Replaces the metadata of ${label}. What is not in the new value is removed.`,
    audit: (args) => ({ fields: Object.keys(args).sort().join(", ") }),
    refuse: ({ id }, { publicMetadata }, actorId) =>
      id === actorId && publicMetadata && publicMetadata.role !== "admin"
        ? { field: "publicMetadata", message: "You cannot take the role admin from yourself." }
        : null,
    run: async (client, { id }, args) =>
      proofOf(await callClerk(() => client.users.replaceUserMetadata(id, args))),
  }),
  defineAct({
    ...{ name: "user.merge_metadata", kind: "user", label: "Merge metadata", busyLabel: "Saving" },
    reason: "optional",
    manySentence: "Sets these keys in the metadata of each of them. Other keys stay.",
    args: someMetadata({
      ...{ publicMetadata: jsonObject.optional(), privateMetadata: jsonObject.optional() },
      unsafeMetadata: jsonObject.optional(),
    }),
    sentence: ({ label }) => `Sets these keys in the metadata of ${label}. Other keys stay.`,
    audit: (args) => ({ fields: Object.keys(args).sort().join(", ") }),
    refuse: ({ id }, { publicMetadata = {} }, actorId) =>
      id === actorId && "role" in publicMetadata && publicMetadata.role !== "admin"
        ? { field: "publicMetadata", message: "You cannot take the role admin from yourself." }
        : null,
    run: async (client, { id }, args) =>
      proofOf(await callClerk(() => client.users.updateUserMetadata(id, args))),
  }),
  defineAct({
    ...{ name: "user.set_external_id", kind: "user", label: "Set external id" },
    ...{ busyLabel: "Saving", reason: "optional" },
    args: z.strictObject({ externalId: oneLine(0, 255) }),
    sentence: ({ label }) => `Sets the id that your own system has for ${label}.`,
    run: async (client, { id }, { externalId }) =>
      proofOf(await callClerk(() => client.users.updateUser(id, { externalId }))),
  }),
  defineAct({
    ...{ name: "user.impersonate", kind: "user", args: none, label: "Sign in as" },
    ...{ busyLabel: "Opening", reason: "required" },
    sentence: ({ label }) =>
      `You see the app as ${label} for 30 minutes. You cannot change their data. Both ids are in the audit log.`,
    refuse: ({ id }, _args, actorId) =>
      id === actorId ? { field: null, message: "You are signed in as yourself." } : null,
    skip: ({ row }) => (row.isBanned ? "Banned: nobody can sign in as this user" : null),
    run: async (client, { id: userId }, _args, actorId) => {
      const { url } = await callClerk(() =>
        client.actorTokens.create({
          ...{ userId, actor: { sub: actorId } },
          ...{ expiresInSeconds: 60, sessionMaxDurationInSeconds: IMPERSONATION_SECONDS },
        }),
      );
      return { proofs: [], ...(url && { url }) };
    },
  }),
  defineAct({
    ...{ name: "session.end", kind: "session", args: none, label: "End", busyLabel: "Ending" },
    ...{ reason: "none", isDestructive: true },
    manySentence: "The devices are signed out within a minute, and may sign in again.",
    sentence: () => "The device is signed out within a minute, and may sign in again.",
    run: async (client, { id }) => {
      await callClerk(() => client.sessions.revokeSession(id));
      return { proofs: [{ table: "sessions", id, deleted: true }] };
    },
  }),
  defineAct({
    ...{ name: "user.create", kind: "instance", label: "Create user", busyLabel: "Creating" },
    reason: "none",
    args: z.strictObject({
      email: emailAddress,
      firstName: oneLine(0, 100).optional(),
      lastName: oneLine(0, 100).optional(),
      username: oneLine(0, 64).optional(),
    }),
    sentence: () =>
      "Creates an account with this address as verified. Clerk sends no e-mail; the person signs in with a code or a new password.",
    run: async (client, _instance, { email, firstName, lastName, username }) => {
      const user = await callClerk(() =>
        client.users.createUser({
          ...{ emailAddress: [email], skipPasswordRequirement: true },
          ...(firstName && { firstName }),
          ...(lastName && { lastName }),
          ...(username && { username }),
        }),
      );
      return { ...proofOf(user), createdId: user.id };
    },
  }),
  defineAct({
    ...{
      name: "instance.invite",
      kind: "instance",
      label: "Invite to the app",
      busyLabel: "Inviting",
    },
    reason: "none",
    args: z.strictObject({ email: emailAddress }),
    sentence: () => "Clerk sends an e-mail with a link to sign up.",
    run: async (client, _instance, { email }) => {
      const { id } = await callClerk(() =>
        client.invitations.createInvitation({ emailAddress: email, redirectUrl: signUpUrl() }),
      );
      return { proofs: [], createdId: id };
    },
  }),
  defineAct({
    ...{ name: "app_invitation.revoke", kind: "app_invitation", args: none, label: "Revoke" },
    ...{ busyLabel: "Revoking", reason: "none", isDestructive: true },
    sentence: ({ label }) => `The link that ${label} received stops working.`,
    skip: ({ status }) => (status === "pending" ? null : "Not pending"),
    run: async (client, { id }) => {
      await callClerk(() => client.invitations.revokeInvitation(id));
      return { proofs: [] };
    },
  }),
  defineAct({
    ...{ name: "app_invitation.resend", kind: "app_invitation", args: none, label: "Send again" },
    ...{ busyLabel: "Sending", reason: "none" },
    sentence: ({ label }) =>
      `Clerk cannot send an invitation twice. Rollcall revokes this one and invites ${label} again, so the old link stops working.`,
    skip: ({ status }) => (status === "accepted" ? "Accepted already" : null),
    run: async (client, { id, email, status }) => {
      if (status === "pending") await callClerk(() => client.invitations.revokeInvitation(id));
      const created = await callClerk(() =>
        client.invitations.createInvitation({ emailAddress: email, redirectUrl: signUpUrl() }),
      );
      return { proofs: [], createdId: created.id };
    },
  }),
];

/** The page on which the link of an invitation to the app opens. Clerk adds its ticket. */
const signUpUrl = () => `${env().appUrl}${paths.signUp}`;

/** The lifetime of a session in which an admin impersonates a user. */
const IMPERSONATION_SECONDS = 30 * 60;
