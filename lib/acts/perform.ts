/**
 * Performs an admin's act at Clerk; every act runs through this file. Checks that the viewer is an admin, checks the arguments,
 * and writes the record and its audit entry in one statement. Then calls Clerk, and records the response. The mirror changes only
 * when Clerk's webhook arrives.
 *
 * The admin's role is checked in the mirror and at Clerk: the viewer may come from a cache, and the webhook about a lost role may
 * not have arrived yet. The statement that writes the record checks the mirror once more.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { auditSession } from "../audit";
import { clerk } from "../clerk";
import { database, notDeleted } from "../db";
import { visibleText } from "../format";
import type { FieldError, PreparedAct, RunResult } from "./act";
import { acts, organizationAdminActs } from "./acts";
import { type ClerkRefusal, callClerk, refusalOf } from "./at-clerk";

export const ORGANIZATION_ADMIN = "org:admin";

/** The right by which the admin acts: as a platform admin, or as an admin of one organization. */
export type Authority = { kind: "platform" } | { kind: "organization"; organizationId: string };

export type ActRequest = {
  name: string;
  /** The id of the object; null for an act on the instance. */
  objectId: string | null;
  args: unknown;
  reason: string | null;
  actorId: string;
  authority: Authority;
};

export type ActOutcome =
  | {
      state: "sent" | "confirmed";
      actId: string;
      objectId: string | null;
      isChanged: boolean;
      url: string | null;
    }
  | { state: "refused" | "unanswered"; actId: string; refusal: ClerkRefusal }
  /** For the states `invalid` and `not-admin`: nothing was done and nothing was recorded. */
  | { state: "invalid"; error: FieldError }
  | { state: "not-admin" };

type Options = {
  bulkId?: string;
  /** True to leave out the check of the admin's role at Clerk: a bulk act makes that check once for many items. */
  isCheckedAtClerk?: boolean;
  /** The maximum total time to wait after responses of 429. */
  patienceSeconds?: number;
  signal?: AbortSignal;
};

/** The audit log keeps reasons for ever, and an erasure does not search them. */
export const hasAddress = (reason: string | null): boolean => /\S@\S/.test(reason ?? "");
export const addressInReason: FieldError = {
  field: "reason",
  message:
    "Give the reason without an e-mail address, for example a ticket number: the audit log keeps it.",
};

const MAX_REASON = 500;
const reasonText = z
  .string()
  .transform((text) => text.replaceAll(/\p{Cc}/gu, " ").trim())
  .pipe(z.string().max(MAX_REASON))
  // A reason without a visible character says nothing in the audit log.
  .transform((text) => (visibleText(text) === null ? null : text));

/** True if the user is an admin according to the mirror. */
async function isAdminInMirror(actorId: string, authority: Authority): Promise<boolean> {
  const { prisma } = database();
  const user = await prisma.user.findFirst({
    where: { id: actorId, isBanned: false, ...notDeleted },
    select: { isAdmin: true },
  });
  if (authority.kind === "platform") return user?.isAdmin ?? false;
  const { organizationId } = authority;
  const membership = await prisma.membership.findFirst({
    where: { userId: actorId, organizationId, role: ORGANIZATION_ADMIN, ...notDeleted },
    select: { id: true },
  });
  return user !== null && membership !== null;
}

/** True if the user is an admin at Clerk now. @throws an error that {@link refusalOf} converts to a refusal. */
export async function isAdminAtClerk(actorId: string, authority: Authority): Promise<boolean> {
  if (authority.kind === "platform") {
    const user = await callClerk(() => clerk().users.getUser(actorId));
    return user.publicMetadata.role === "admin" && !user.banned;
  }
  const { organizationId } = authority;
  const { data } = await callClerk(() =>
    clerk().organizations.getOrganizationMembershipList({
      ...{ organizationId, userId: [actorId], limit: 1 },
    }),
  );
  return data[0]?.publicUserData?.userId === actorId && data[0].role === ORGANIZATION_ADMIN;
}

/** Converts a failure of {@link isAdminAtClerk} to an error. @throws any error that is not Clerk's. */
export const unconfirmed = (error: unknown): FieldError => ({
  ...{ field: null, isUnconfirmed: true },
  message: refusalOf(error).message,
});

/**
 * The SQL condition that the actor ($2) is a platform admin, or an admin of the organization $10. The statement that writes the
 * record contains it.
 */
const IS_ADMIN: Record<Authority["kind"], string> = {
  platform:
    "EXISTS (SELECT FROM users WHERE id = $2 AND is_admin AND NOT is_banned AND NOT deleted) AND $10::text IS NULL",
  organization: `EXISTS (SELECT FROM memberships m JOIN users u ON u.id = m.user_id AND NOT u.is_banned AND NOT u.deleted
    WHERE m.user_id = $2 AND m.organization_id = $10 AND m.role = '${ORGANIZATION_ADMIN}' AND NOT m.deleted)`,
};

const inserted = z.array(z.object({ id: z.string() }));

/**
 * Writes the record and its audit entry. Resolves to the record's id, or to null if the actor is no admin any more. The reason of
 * a bulk act stays in `bulk_acts` alone: it may name one of the objects, and would outlive that object in the records of others.
 */
async function recordRequest(
  { name, actorId, authority, reason: given }: ActRequest,
  kind: string,
  prepared: PreparedAct,
  bulkId: string | undefined,
): Promise<string | null> {
  const { objectId, userId, organizationId, detail } = prepared;
  const reason = bulkId === undefined ? given : null;
  const audited = {
    ...detail,
    ...(organizationId && { organizationId }),
    ...(reason && { reason }),
    ...(bulkId && { bulkId }),
  };
  const { rows } = await database().pool.query(
    `WITH act AS (
       INSERT INTO acts (name, actor_id, object_kind, object_id, user_id, organization_id, bulk_id, reason)
       SELECT $1, $2, $3, $4, $5, $6, $7, $8 WHERE ${IS_ADMIN[authority.kind]} RETURNING id
     ), audited AS (
       INSERT INTO audit_log (actor, action, subject, detail, session_id)
       SELECT $2, $1 || '_requested', $4, $9::jsonb || jsonb_build_object('actId', id), $11 FROM act
     )
     SELECT id FROM act`,
    [
      ...[name, actorId, kind, objectId, userId, organizationId, bulkId ?? null, reason],
      JSON.stringify(audited),
      authority.kind === "organization" ? authority.organizationId : null,
      auditSession(),
    ],
  );
  return inserted.parse(rows)[0]?.id ?? null;
}

type Answer = {
  state: "sent" | "confirmed" | "refused" | "unanswered";
  /** The last word of the action in the audit entry, as in `user.ban_done`. */
  word: "done" | "unchanged" | "refused" | "unanswered";
  result?: RunResult;
  refusal?: ClerkRefusal;
};

/** Clerk's message may name the address of a person whom the act is not about, so an erasure would not find it. */
const withoutAddresses = (message: string) => message.replaceAll(/\S+@\S+/g, "[e-mail address]");

async function recordAnswer(actId: string, { state, word, result, refusal }: Answer) {
  const { rowCount } = await database().pool.query(
    `WITH act AS (
       UPDATE acts SET state = $2, proof = $3::jsonb, object_id = coalesce(object_id, $4), error_code = $5, error_message = $6,
         user_id = coalesce(user_id, CASE WHEN $4 LIKE 'user\\_%' THEN $4 END),
         answered_at = now(), confirmed_at = CASE WHEN $2 = 'confirmed' THEN now() END
       WHERE id = $1 RETURNING id, name, actor_id, object_id, organization_id
     )
     INSERT INTO audit_log (actor, action, subject, detail, session_id)
     SELECT actor_id, name || '_' || $7, object_id, jsonb_strip_nulls(
       jsonb_build_object('actId', id, 'organizationId', organization_id, 'code', $5::text)), $8 FROM act`,
    [
      ...[actId, state, JSON.stringify(result?.proofs ?? [])],
      ...[result?.createdId ?? null, refusal?.code ?? null],
      ...[refusal ? withoutAddresses(refusal.message) : null, word],
      auditSession(),
    ],
  );
  if (rowCount !== 1) throw new Error("The record of this act is gone.");
}

/**
 * Runs the act. After a 429 Clerk has done nothing: waits as long as Clerk asks for, and runs the act again. Gives up when the
 * waits together would exceed `patienceSeconds`.
 */
async function runPatiently(
  prepared: PreparedAct,
  { patienceSeconds = 3, signal }: Options,
): Promise<RunResult | { refusal: ClerkRefusal }> {
  for (let left = patienceSeconds; ; ) {
    try {
      return await prepared.run(clerk());
    } catch (error) {
      const refusal = refusalOf(error);
      const wait = refusal.retryAfterSeconds;
      if (wait === null || wait > left || signal?.aborted) return { refusal };
      left -= wait;
      await sleep(wait * 1_000, undefined, { signal }).catch(() => undefined);
    }
  }
}

/**
 * Checks that the actor is still an admin, in the mirror and at Clerk. Resolves to null if so, otherwise to the outcome of the
 * act.
 */
async function refuseUnlessAdmin(
  { name, actorId, authority }: ActRequest,
  { isCheckedAtClerk = false }: Options,
): Promise<ActOutcome | null> {
  const mayBeAsked = authority.kind === "platform" || organizationAdminActs.has(name);
  if (!mayBeAsked || !(await isAdminInMirror(actorId, authority))) return { state: "not-admin" };
  if (isCheckedAtClerk) return null;
  try {
    return (await isAdminAtClerk(actorId, authority)) ? null : { state: "not-admin" };
  } catch (error) {
    return { state: "invalid", error: unconfirmed(error) };
  }
}

/** Performs one act at Clerk. @throws when the database does not respond. */
export async function performAct(given: ActRequest, options: Options = {}): Promise<ActOutcome> {
  const reason = reasonText.safeParse(given.reason ?? "").data || null;
  const request = { ...given, reason };
  const act = acts.get(request.name);
  if (!act) return { state: "invalid", error: { field: "name", message: "There is no such act." } };
  const wrong = act.checkArguments(request.args);
  if (wrong) return { state: "invalid", error: wrong };
  const refusedAdmin = await refuseUnlessAdmin(request, options);
  if (refusedAdmin) return refusedAdmin;
  if (act.reason === "required" && reason === null)
    return { state: "invalid", error: { field: "reason", message: "Give a reason." } };
  if (hasAddress(reason)) return { state: "invalid", error: addressInReason };
  const prepared = await act.prepare(request.objectId, request.args, request.actorId);
  const { authority } = request;
  const isElsewhere =
    authority.kind === "organization" &&
    ("error" in prepared
      ? prepared.error.field === "objectId"
      : prepared.organizationId !== authority.organizationId);
  // An object of another organization and an unknown id get the same response, so that ids cannot be probed.
  if (isElsewhere) return { state: "not-admin" };
  if ("error" in prepared) return { state: "invalid", error: prepared.error };
  const actId = await recordRequest(request, act.kind, prepared, options.bulkId);
  if (actId === null) return { state: "not-admin" };
  const result = await runPatiently(prepared, options);
  if ("refusal" in result) {
    const { refusal } = result;
    const state = refusal.isCertain ? "refused" : "unanswered";
    await recordAnswer(actId, { state, word: state, refusal });
    return { state, actId, refusal };
  }
  const { proofs, createdId, isChanged = true, url = null } = result;
  const state = proofs.length > 0 ? "sent" : "confirmed";
  await recordAnswer(actId, { state, word: isChanged ? "done" : "unchanged", result });
  return { state, actId, objectId: createdId ?? prepared.objectId, isChanged, url };
}
