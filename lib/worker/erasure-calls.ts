/**
 * Makes the changes at Clerk that an erasure requires: deletes a user who deleted the account while Clerk was away, revokes a
 * pending invitation to an erased address, and applies LAST_ADMIN_POLICY to an organization whose last admin was erased. Each
 * call is a row of `erasure_calls`, so it is retried until it succeeds.
 */
import { isClerkAPIResponseError } from "@clerk/backend/errors";
import { z } from "zod";
import { recordAudit } from "../audit";
import { clerk } from "../clerk";
import { database } from "../db";
import { withDeadline } from "../deadline";
import { env } from "../env";
import { log } from "../log";

const CLERK_TIMEOUT_MS = 10_000;
const ADMIN = "org:admin";
const ACTOR = "erasure";

const ids = z.object({ id: z.string(), objectId: z.string() });
const inOrganization = ids.extend({ organizationId: z.string() });
const shape = z.discriminatedUnion("call", [
  inOrganization.extend({ call: z.enum(["revoke_invitation", "keep_admin"]) }),
  ids.extend({ call: z.literal("delete_user") }),
]);
type Call = z.output<typeof shape>;
type CallInOrganization = z.output<typeof inOrganization>;

/** Claims the next due call. A call that fails becomes due again after 2, 4, 8, 16 and 32 minutes, and then every hour. */
const CLAIM = `UPDATE erasure_calls SET attempts = attempts + 1, next_at = now() + least(2 ^ least(attempts + 1, 6), 60) * interval '1 min'
  WHERE id = (SELECT id FROM erasure_calls WHERE next_at <= now() ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
  RETURNING id::text AS id, call, organization_id AS "organizationId", object_id AS "objectId"`;

function withinTimeout<Result>(request: Promise<Result>): Promise<Result> {
  return withDeadline(request, CLERK_TIMEOUT_MS, () => {
    throw new Error("Clerk did not answer in time.");
  });
}

/**
 * Sends a request. Resolves to false if Clerk has nothing to change any more: the object no longer exists (404), or the change
 * was made before (the error code `doneCode`).
 */
async function unlessDone(request: () => Promise<unknown>, doneCode?: string): Promise<boolean> {
  try {
    await withinTimeout(request());
    return true;
  } catch (error) {
    if (!isClerkAPIResponseError(error)) throw error;
    const isDone = error.status === 404 || error.errors.some(({ code }) => code === doneCode);
    if (!isDone) throw error;
    return false;
  }
}

async function revokeInvitation({ organizationId, objectId }: CallInOrganization): Promise<void> {
  const isRevoked = await unlessDone(
    () =>
      clerk().organizations.revokeOrganizationInvitation({
        organizationId,
        invitationId: objectId,
      }),
    "organization_invitation_not_pending",
  );
  if (!isRevoked) return;
  const detail = { organizationId };
  await recordAudit({ actor: ACTOR, action: "invitation.revoked", subject: objectId, detail });
}

const members = `FROM memberships m JOIN users u ON u.id = m.user_id AND NOT u.deleted
  WHERE m.organization_id = $1 AND NOT m.deleted AND m.version > 0`;

/**
 * An admin whose erasure is held still counts, because the deletion can be undone. When the hold ends, that admin's own call applies
 * the policy.
 */
const STATE = `SELECT EXISTS (SELECT FROM memberships m JOIN users u ON u.id = m.user_id
    WHERE m.organization_id = $1 AND m.role = $2 AND NOT m.deleted AND m.version > 0 AND (NOT u.deleted OR EXISTS (
      SELECT FROM erasures e WHERE (e.subject_kind, e.subject_id, e.step) = ('user', u.id, 'held')))) AS "hasAdmin",
    (SELECT m.user_id ${members} ORDER BY m.created_at, m.id LIMIT 1) AS successor
  FROM organizations o WHERE o.id = $1 AND NOT o.deleted AND o.version > 0`;

/** Applies LAST_ADMIN_POLICY to an organization whose last admin was erased. Does nothing if the organization has an admin. */
async function keepAdmin({ organizationId }: CallInOrganization): Promise<void> {
  const { rows } = await database().pool.query<{ hasAdmin: boolean; successor: string | null }>(
    STATE,
    [organizationId, ADMIN],
  );
  const [state] = rows;
  if (!state || state.hasAdmin) return;
  const { lastAdminPolicy } = env();
  if (lastAdminPolicy === "promote" && state.successor !== null) {
    const userId = state.successor;
    await withinTimeout(
      clerk().organizations.updateOrganizationMembership({ organizationId, userId, role: ADMIN }),
    );
    const detail = { organizationId };
    await recordAudit({
      ...{ actor: ACTOR, action: "membership.promoted", subject: userId },
      detail,
    });
  } else if (lastAdminPolicy === "delete") {
    const isDeleted = await unlessDone(() =>
      clerk().organizations.deleteOrganization(organizationId),
    );
    if (!isDeleted) return;
    await recordAudit({ actor: ACTOR, action: "organization.deleted", subject: organizationId });
  } else {
    log.warn("erasure: an organization has no admin any more", { organizationId });
    await recordAudit({
      ...{ actor: ACTOR, action: "organization.left_without_admin", subject: organizationId },
    });
  }
}

async function run(call: Call): Promise<void> {
  switch (call.call) {
    case "revoke_invitation":
      return revokeInvitation(call);
    case "keep_admin":
      return keepAdmin(call);
    case "delete_user":
      await unlessDone(() => clerk().users.deleteUser(call.objectId));
  }
}

/**
 * Makes the due calls. A call that fails is retried later, and delays no other call. Resolves to the time of the next call, or to
 * null if there is none.
 */
export async function runErasureCalls(): Promise<Date | null> {
  const { pool } = database();
  for (;;) {
    const call = shape.optional().parse((await pool.query(CLAIM)).rows[0]);
    if (!call) break;
    try {
      await run(call);
      await pool.query("DELETE FROM erasure_calls WHERE id = $1", [call.id]);
    } catch (error) {
      const reason = isClerkAPIResponseError(error) ? String(error.status) : "no answer";
      const about = { call: call.call, objectId: call.objectId };
      log.warn("erasure: a call to Clerk failed and is tried again", about, error);
      await pool.query("UPDATE erasure_calls SET error = $2 WHERE id = $1", [call.id, reason]);
    }
  }
  const { rows } = await pool.query<{ next: Date | null }>(
    "SELECT min(next_at) AS next FROM erasure_calls",
  );
  return rows[0]?.next ?? null;
}
