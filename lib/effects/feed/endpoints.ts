/**
 * The endpoints of the change feed. `npm run feed` adds, enables, disables and removes endpoints, and rotates their secrets. An
 * endpoint is disabled automatically when it responds with 410, or has failed for five days. Secrets and URLs are never logged.
 */
import { recordAudit } from "../../audit";
import { database, transaction } from "../../db";
import { UserError } from "../../errors";
import type { FeedEndpoint } from "../../generated/prisma/client";
import { log } from "../../log";
import { changeKinds, type EffectTable } from "../object";
import { onLongConnection, replayWithin } from "../replay";
import { subscribe, unsubscribe } from "../subscribers";
import { createSecret } from "./signature";

export const feedKinds = ["user", "organization", "membership", "invitation"] as const;
export type FeedKind = (typeof feedKinds)[number];

const tableOf: Record<FeedKind, EffectTable> = {
  user: "users",
  organization: "organizations",
  membership: "memberships",
  invitation: "invitations",
};

const subscriptionsOf = (kinds: readonly FeedKind[]) =>
  kinds.flatMap((kind) => changeKinds.map((change) => ({ table: tableOf[kind], change })));

/** An endpoint is disabled after failing for this long without a success. */
export const FAILING_LIMIT_MS = 5 * 24 * 3_600_000;

/** The prefix of a handler name: the endpoint NAME has the effect handler `feed:NAME`. */
export const FEED_PREFIX = "feed:";
const handlerOf = (name: string) => `${FEED_PREFIX}${name}`;

const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;

export type { FeedEndpoint };

/** Who acts: the command, or an admin with a reason. */
type By = { actor: string; reason?: string };
const COMMAND: By = { actor: "npm run feed" };

const audit = (action: string, name: string, { actor, reason }: By = COMMAND) =>
  recordAudit({
    ...{ actor, action: `feed.${action}`, subject: name },
    ...(reason && { detail: { reason } }),
  });

export const findEndpoint = (name: string): Promise<FeedEndpoint | null> =>
  database().prisma.feedEndpoint.findUnique({ where: { name } });

export const listEndpoints = (): Promise<FeedEndpoint[]> =>
  database().prisma.feedEndpoint.findMany({ orderBy: { name: "asc" } });

/** @throws UserError if no endpoint has that name. Its message lists the existing endpoints. */
export async function requireEndpoint(name: string): Promise<FeedEndpoint> {
  const found = await findEndpoint(name);
  if (found) return found;
  const names = (await listEndpoints()).map((endpoint) => endpoint.name);
  const known = names.length > 0 ? `The endpoints are: ${names.join(", ")}.` : "There is none yet.";
  throw new UserError(`No endpoint is named ${name}. ${known}`);
}

type NewEndpoint = {
  name: string;
  url: string;
  kinds: readonly FeedKind[];
  sendsPrivateMetadata: boolean;
  allowsPrivateAddress: boolean;
};

/** Adds an endpoint. `url` must have passed parseEndpointUrl. Resolves to its secret, which is not shown again. */
export async function addEndpoint({ kinds, ...endpoint }: NewEndpoint): Promise<string> {
  if (!NAME.test(endpoint.name)) {
    throw new UserError(
      "A name has lower-case letters, digits and hyphens, at most 40, and begins with a letter or a digit.",
    );
  }
  const { name, url, sendsPrivateMetadata, allowsPrivateAddress } = endpoint;
  const secret = createSecret();
  const isAdded = await transaction(async (db) => {
    const { rowCount } = await db.query(
      `INSERT INTO feed_endpoints (name, url, secrets, kinds, sends_private_metadata, allows_private_address)
       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO NOTHING`,
      [name, url, [secret], kinds, sendsPrivateMetadata, allowsPrivateAddress],
    );
    if (rowCount === 1) await subscribe(db, handlerOf(name), subscriptionsOf(kinds));
    return rowCount === 1;
  });
  if (!isAdded) {
    throw new UserError(
      `An endpoint named ${name} exists. Choose another name, or remove that one first.`,
    );
  }
  await audit("added", name);
  return secret;
}

/** Adds a new secret to an endpoint, and resolves to it. Messages are signed with both secrets until the old one is retired. */
export async function rotateSecret(name: string): Promise<string> {
  const { secrets } = await requireEndpoint(name);
  if (secrets.length > 1) {
    throw new UserError(
      `${name} has two secrets from an unfinished rotation. Run \`npm run feed -- retire-old-secret ${name}\` first, when the receiver uses the new one.`,
    );
  }
  const secret = createSecret();
  // If two rotations run at the same time, the second one updates no row, because the secrets have changed since it read them.
  const { count } = await database().prisma.feedEndpoint.updateMany({
    where: { name, secrets: { equals: secrets } },
    data: { secrets: [secret, ...secrets] },
  });
  if (count === 0) throw new UserError(`${name} was changed meanwhile. Run the command again.`);
  await audit("rotated", name);
  return secret;
}

export async function retireOldSecret(name: string): Promise<void> {
  const { secrets } = await requireEndpoint(name);
  if (secrets.length < 2) {
    throw new UserError(
      `${name} has one secret, so there is no old one. \`npm run feed -- rotate ${name}\` adds a new one.`,
    );
  }
  await database().prisma.feedEndpoint.updateMany({
    where: { name, secrets: { equals: secrets } },
    data: { secrets: secrets.slice(0, 1) },
  });
  await audit("secret_retired", name);
}

/**
 * `missed`: the number of messages that were not sent while the endpoint was disabled; `missedSince`: the time of the first of
 * them. `replayed`: the number of messages that will be sent again.
 */
type Enabled = { missed: number; missedSince: Date | null; replayed: number };

/** Makes all messages due that wait for a retry. */
const MAKE_DUE = `
  UPDATE effect_jobs SET run_at = now()
  WHERE handler = $1 AND done_at IS NULL AND dead_at IS NULL AND run_at > now()`;

/**
 * Enables an endpoint: new changes and pending messages are sent. With `since`, every message since that time is sent again, also
 * for changes before the endpoint was added. Runs in one transaction, so that a new change of an object is not sent before the
 * object's earlier changes.
 */
export async function enableEndpoint(
  name: string,
  since: Date | null,
  by: By = COMMAND,
): Promise<Enabled> {
  const { disabledAt, kinds } = await requireEndpoint(name);
  const handler = handlerOf(name);
  const subscriptions = subscriptionsOf(feedKinds.filter((kind) => kinds.includes(kind)));
  const enabled = await onLongConnection(async (client) => {
    const { rows } = await client.query<Omit<Enabled, "replayed">>(
      `SELECT count(*)::int AS missed, min(created_at) AS "missedSince" FROM effect_jobs WHERE handler = $1 AND done_at >= $2`,
      [handler, disabledAt],
    );
    await client.query(
      `UPDATE feed_endpoints SET disabled_at = NULL, disabled_reason = NULL, failing_since = NULL, last_failure = NULL
       WHERE name = $1`,
      [name],
    );
    await client.query(MAKE_DUE, [handler]);
    const { again, added } = since
      ? await replayWithin(client, handler, subscriptions, since)
      : { again: 0, added: 0 };
    return { missed: 0, missedSince: null, ...rows[0], replayed: again + added };
  });
  await audit(since ? "replayed" : "enabled", name, by);
  return enabled;
}

/**
 * Disables an endpoint on an operator's command. Also clears Health's finding about an endpoint that was disabled automatically.
 */
export async function disableEndpoint(name: string, by: By = COMMAND): Promise<void> {
  await requireEndpoint(name);
  await database().pool.query(
    "UPDATE feed_endpoints SET disabled_at = coalesce(disabled_at, now()), disabled_reason = 'command' WHERE name = $1",
    [name],
  );
  await audit("disabled", name, by);
}

const DELETED_AT_ONCE = 10_000;

export async function removeEndpoint(name: string): Promise<void> {
  await requireEndpoint(name);
  await transaction(async (db) => {
    await db.query("DELETE FROM feed_endpoints WHERE name = $1", [name]);
    await unsubscribe(db, handlerOf(name));
  });
  await audit("removed", name);
  let deleted: number | null;
  do {
    ({ rowCount: deleted } = await database().pool.query(
      "DELETE FROM effect_jobs WHERE id IN (SELECT id FROM effect_jobs WHERE handler = $1 LIMIT $2)",
      [handlerOf(name), DELETED_AT_ONCE],
    ));
  } while (deleted);
}

/**
 * Records a success. While all is well, records at most one success a minute, so that messages to one endpoint do not wait for
 * each other's row lock.
 * The first success after an outage of over a minute makes all pending messages due. After a shorter outage, the messages keep
 * their delays: if every success made a refused message due, that message would use up its tries within seconds.
 */
export async function recordSuccess(name: string, now: Date): Promise<void> {
  await database().pool.query(
    `WITH endpoint AS (
       SELECT failing_since FROM feed_endpoints
       WHERE name = $1 AND (failing_since IS NOT NULL OR last_success_at IS NULL
         OR last_success_at < $2::timestamptz - interval '1 minute') FOR UPDATE
     ), recorded AS (
       UPDATE feed_endpoints SET failing_since = NULL, last_failure = NULL, last_success_at = $2 FROM endpoint WHERE name = $1
     )
     UPDATE effect_jobs SET run_at = now() FROM endpoint
     WHERE endpoint.failing_since < $2::timestamptz - interval '1 minute' AND handler = $3 AND done_at IS NULL AND dead_at IS NULL AND run_at > now()`,
    [name, now, handlerOf(name)],
  );
}

function reportDisabled(name: string, why: "gone" | "failing", reason: string): Promise<void> {
  log.warn("change feed: endpoint disabled", { endpoint: name, why, reason });
  return recordAudit({
    actor: "change feed",
    action: "feed.disabled",
    subject: name,
    detail: { why, reason },
  });
}

/**
 * Records a failure. `reason` contains neither the URL nor data. Disables the endpoint when its failures have lasted for
 * FAILING_LIMIT_MS.
 */
export async function recordFailure(
  name: string,
  reason: string,
  now: Date,
): Promise<{ isDisabled: boolean }> {
  const { rows } = await database().pool.query<{ disabled: boolean }>(
    `UPDATE feed_endpoints SET failing_since = COALESCE(failing_since, $3), last_failure = $2,
       disabled_at = CASE WHEN failing_since <= $4 THEN now() END,
       disabled_reason = CASE WHEN failing_since <= $4 THEN 'failing' END
     WHERE name = $1 AND disabled_at IS NULL
     RETURNING disabled_at IS NOT NULL AS disabled`,
    [name, reason, now, new Date(now.getTime() - FAILING_LIMIT_MS)],
  );
  const isDisabled = rows[0]?.disabled ?? false;
  if (isDisabled) await reportDisabled(name, "failing", reason);
  return { isDisabled };
}

/** Disables an endpoint that responded with 410, which means that it wants no more messages. */
export async function recordGone(name: string, reason: string, now: Date): Promise<void> {
  const { rowCount } = await database().pool.query(
    `UPDATE feed_endpoints SET failing_since = COALESCE(failing_since, $3), last_failure = $2,
       disabled_at = now(), disabled_reason = 'gone'
     WHERE name = $1 AND disabled_at IS NULL`,
    [name, reason, now],
  );
  if (rowCount) await reportDisabled(name, "gone", reason);
}
