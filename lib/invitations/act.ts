/**
 * Creates and revokes invitations for an admin of the organization, through Clerk's Backend API. The mirror changes only when
 * Clerk's webhook arrives.
 *
 * The viewer's role is read again before each change, in the mirror and at Clerk: the cached viewer may be outdated, and a
 * webhook may be on its way. The request is audited before Clerk is called, so every change has an audit entry. The result is
 * audited afterwards.
 */
import { isClerkAPIResponseError } from "@clerk/backend/errors";
import { z } from "zod";
import { recordAudit } from "../audit";
import { clerk } from "../clerk";
import { database, notDeleted } from "../db";
import { withDeadline } from "../deadline";
import { env } from "../env";
import { invitationLandingPath } from "../paths";

export const ORGANIZATION_ADMIN = "org:admin";
/** The roles that every Clerk instance has by default. */
const FIRST_ROLES = [ORGANIZATION_ADMIN, "org:member"];

type InvitableRole = {
  key: string;
  /** Null for a default role that is not mirrored. */
  name: string | null;
};

/**
 * The mirrored roles by name, and the default roles that are not mirrored. Before the first reconciliation, the mirror has only
 * the roles that a webhook brought, so a default role that is not mirrored may exist at Clerk. If it does not, Clerk refuses the
 * invitation.
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
const CLERK_TIMEOUT_MS = 10_000;

export type ActRefusal = {
  /** The form field that the message is about; null if it is about no field. */
  field: "email" | "role" | null;
  message: string;
};

export type ActResult =
  | {
      invitationId: string;
      /** False if nothing changed: Clerk already had this invitation, or it was no longer pending. */
      isChanged: boolean;
    }
  | { refused: "not-admin" }
  | { refused: ActRefusal };

type Act = { actorId: string; organizationId: string };

class ClerkTimeout extends Error {
  override name = "ClerkTimeout";
}

function withinTimeout<Result>(call: Promise<Result>): Promise<Result> {
  return withDeadline(call, CLERK_TIMEOUT_MS, () => {
    throw new ClerkTimeout("Clerk did not answer in time.");
  });
}

async function isAdminNow({ actorId, organizationId }: Act): Promise<boolean> {
  const mirrored = await database().prisma.membership.findFirst({
    where: { userId: actorId, organizationId, role: ORGANIZATION_ADMIN, ...notDeleted },
    select: { id: true },
  });
  if (!mirrored) return false;
  const { data } = await withinTimeout(
    clerk().organizations.getOrganizationMembershipList({
      organizationId,
      userId: [actorId],
      limit: 1,
    }),
  );
  return data[0]?.publicUserData?.userId === actorId && data[0].role === ORGANIZATION_ADMIN;
}

const emailAddress = z
  .string()
  .transform((text) => text.trim().toLowerCase())
  .pipe(z.email().max(254));

const hasClerkCode = (error: unknown, code: string) =>
  isClerkAPIResponseError(error) && error.errors.some((each) => each.code === code);

/**
 * Finds the pending invitation of this address. Used when Clerk refuses a second invitation, after a double click or a retry
 * after a lost response.
 */
async function findPending(organizationId: string, email: string): Promise<string | null> {
  const PAGE = 500;
  for (let offset = 0; ; offset += PAGE) {
    const { data } = await withinTimeout(
      clerk().organizations.getOrganizationInvitationList({
        organizationId,
        status: ["pending"],
        limit: PAGE,
        offset,
      }),
    );
    const found = data.find(({ emailAddress }) => emailAddress.toLowerCase() === email);
    if (found) return found.id;
    if (data.length < PAGE) return null;
  }
}

/** Turns Clerk's refusal, timeout or outage into a message. @throws any other error. */
function refusalOf(error: unknown): ActRefusal {
  if (error instanceof ClerkTimeout)
    return { field: null, message: "Clerk did not answer. Check the list before you try again." };
  if (!isClerkAPIResponseError(error)) throw error;
  if (error.status === 429) {
    const wait = error.retryAfter ? `in ${error.retryAfter} s` : "in a minute";
    return { field: null, message: `Clerk allows no more requests right now. Try again ${wait}.` };
  }
  const isAnswer = error.status >= 400 && error.status < 500;
  if (!isAnswer || error.errors.length === 0)
    return { field: null, message: "Clerk is not available right now. Try again." };
  const [first] = error.errors;
  const message = first?.longMessage || first?.message || "Clerk refused.";
  const name = first?.meta?.paramName;
  return { field: name === "role" ? "role" : "email", message };
}

/** Resolves to null if the viewer is an admin of the organization now. */
async function refuseUnlessAdmin(act: Act): Promise<ActResult | null> {
  try {
    return (await isAdminNow(act)) ? null : { refused: "not-admin" };
  } catch (error) {
    return { refused: refusalOf(error) };
  }
}

async function audited(
  { actorId, organizationId }: Act,
  action: "invitation.create" | "invitation.revoke",
  detail: Record<string, string>,
  act: () => Promise<{ invitationId: string; isChanged: boolean }>,
): Promise<ActResult> {
  const entry = { actor: actorId, detail: { organizationId, ...detail } };
  await recordAudit({ ...entry, action: `${action}_requested`, subject: organizationId });
  try {
    const result = await act();
    if (result.isChanged)
      await recordAudit({ ...entry, action: `${action}d`, subject: result.invitationId });
    return result;
  } catch (error) {
    return { refused: refusalOf(error) };
  }
}

export async function inviteToOrganization(
  act: Act,
  given: { email: string; role: string },
): Promise<ActResult> {
  const parsed = emailAddress.safeParse(given.email);
  if (!parsed.success)
    return { refused: { field: "email", message: "Enter an address like name@example.com." } };
  const email = parsed.data;
  const { role } = given;
  const refusal = await refuseUnlessAdmin(act);
  if (refusal) return refusal;
  const roles = await findInvitableRoles();
  if (!roles.some(({ key }) => key === role))
    return { refused: { field: "role", message: "There is no such role. Choose another one." } };
  const { organizationId, actorId } = act;
  return audited(act, "invitation.create", { role }, async () => {
    try {
      const { id } = await withinTimeout(
        clerk().organizations.createOrganizationInvitation({
          organizationId,
          inviterUserId: actorId,
          emailAddress: email,
          role,
          redirectUrl: `${env().appUrl}${invitationLandingPath(organizationId)}`,
        }),
      );
      return { invitationId: id, isChanged: true };
    } catch (error) {
      const existing = hasClerkCode(error, "duplicate_record")
        ? await findPending(organizationId, email)
        : null;
      if (existing === null) throw error;
      return { invitationId: existing, isChanged: false };
    }
  });
}

export async function revokeInvitation(act: Act, invitationId: string): Promise<ActResult> {
  const refusal = await refuseUnlessAdmin(act);
  if (refusal) return refusal;
  const { organizationId, actorId } = act;
  return audited(act, "invitation.revoke", {}, async () => {
    try {
      await withinTimeout(
        clerk().organizations.revokeOrganizationInvitation({
          organizationId,
          invitationId,
          requestingUserId: actorId,
        }),
      );
      return { invitationId, isChanged: true };
    } catch (error) {
      // The invitation was revoked or accepted before, or has expired. Its status reaches the mirror by webhook.
      if (!hasClerkCode(error, "organization_invitation_not_pending")) throw error;
      return { invitationId, isChanged: false };
    }
  });
}
