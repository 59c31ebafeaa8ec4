/**
 * The endpoints of the change feed: created, rotated, enabled and removed by `npm run feed`, disabled by themselves when they are
 * gone or have failed for five days. Their secrets and URLs are never logged.
 */
import { recordAudit } from "../../audit";
import { database } from "../../db";
import { UserError } from "../../errors";
import type { FeedEndpoint } from "../../generated/prisma/client";
import { log } from "../../log";
import { createSecret } from "./signature";

export const feedKinds = ["user", "organization", "membership", "invitation"] as const;
export type FeedKind = (typeof feedKinds)[number];

/** An endpoint that has failed for so long without a success is disabled. */
export const FAILING_LIMIT_MS = 5 * 24 * 3_600_000;

const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;

export type { FeedEndpoint };

const audit = (action: string, name: string) =>
  recordAudit({ actor: "npm run feed", action: `feed.${action}`, subject: name });

export const findEndpoint = (name: string): Promise<FeedEndpoint | null> =>
  database().prisma.feedEndpoint.findUnique({ where: { name } });

export const listEndpoints = (): Promise<FeedEndpoint[]> =>
  database().prisma.feedEndpoint.findMany({ orderBy: { name: "asc" } });

/** @throws UserError with the names that exist. */
export async function requireEndpoint(name: string): Promise<FeedEndpoint> {
  const found = await findEndpoint(name);
  if (found) return found;
  const names = (await listEndpoints()).map((endpoint) => endpoint.name);
  const known = names.length > 0 ? `The endpoints are: ${names.join(", ")}.` : "There is none yet.";
  throw new UserError(`No endpoint is named ${name}. ${known}`);
}

export type NewEndpoint = {
  name: string;
  url: string;
  kinds: readonly FeedKind[];
  sendsPrivateMetadata: boolean;
  allowsPrivateAddress: boolean;
};

/** `url` must have passed parseEndpointUrl. Resolves to the secret, which is not shown again. */
export async function addEndpoint({ kinds, ...endpoint }: NewEndpoint): Promise<string> {
  if (!NAME.test(endpoint.name)) {
    throw new UserError(
      "A name has lower-case letters, digits and hyphens, at most 40, and begins with a letter or a digit.",
    );
  }
  const secret = createSecret();
  const { count } = await database().prisma.feedEndpoint.createMany({
    data: [{ ...endpoint, kinds: [...kinds], secrets: [secret] }],
    skipDuplicates: true,
  });
  if (count === 0) {
    throw new UserError(
      `An endpoint named ${endpoint.name} exists. Choose another name, or remove that one first.`,
    );
  }
  await audit("added", endpoint.name);
  return secret;
}

/** Resolves to the new secret. The one before it signs too, until it is retired. */
export async function rotateSecret(name: string): Promise<string> {
  const { secrets } = await requireEndpoint(name);
  if (secrets.length > 1) {
    throw new UserError(
      `${name} has two secrets from an unfinished rotation. Run \`npm run feed -- retire-old-secret ${name}\` first, when the receiver uses the new one.`,
    );
  }
  const secret = createSecret();
  // Of two rotations at once, the second finds other secrets than it read.
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

export async function enableEndpoint(name: string): Promise<void> {
  await requireEndpoint(name);
  await database().prisma.feedEndpoint.updateMany({
    where: { name },
    data: { disabledAt: null, disabledReason: null, failingSince: null, lastFailure: null },
  });
  await audit("enabled", name);
}

/** Also settles Health's finding about an endpoint that disabled itself. */
export async function disableEndpoint(name: string): Promise<void> {
  const { disabledAt } = await requireEndpoint(name);
  await database().prisma.feedEndpoint.updateMany({
    where: { name },
    data: { disabledAt: disabledAt ?? new Date(), disabledReason: "command" },
  });
  await audit("disabled", name);
}

export async function removeEndpoint(name: string): Promise<void> {
  await requireEndpoint(name);
  await database().prisma.feedEndpoint.deleteMany({ where: { name } });
  await audit("removed", name);
}

/** Written at most once a minute while all is well, so that messages to one endpoint do not wait for each other's row lock. */
export async function recordSuccess(name: string, now: Date): Promise<void> {
  await database().pool.query(
    `UPDATE feed_endpoints SET failing_since = NULL, last_failure = NULL, last_success_at = $2
     WHERE name = $1 AND (failing_since IS NOT NULL OR last_success_at IS NULL
       OR last_success_at < $2::timestamptz - interval '1 minute')`,
    [name, now],
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

/** `reason` names neither the URL nor data. Disables the endpoint when its failures have lasted for FAILING_LIMIT_MS. */
export async function recordFailure(name: string, reason: string, now: Date): Promise<void> {
  const { rows } = await database().pool.query<{ disabled: boolean }>(
    `UPDATE feed_endpoints SET failing_since = COALESCE(failing_since, $3), last_failure = $2,
       disabled_at = CASE WHEN failing_since <= $4 THEN $3::timestamptz END,
       disabled_reason = CASE WHEN failing_since <= $4 THEN 'failing' END
     WHERE name = $1 AND disabled_at IS NULL
     RETURNING disabled_at IS NOT NULL AS disabled`,
    [name, reason, now, new Date(now.getTime() - FAILING_LIMIT_MS)],
  );
  if (rows[0]?.disabled) await reportDisabled(name, "failing", reason);
}

/** The endpoint answered that it wants no more messages. */
export async function recordGone(name: string, reason: string, now: Date): Promise<void> {
  const { rowCount } = await database().pool.query(
    `UPDATE feed_endpoints SET failing_since = COALESCE(failing_since, $3), last_failure = $2,
       disabled_at = $3, disabled_reason = 'gone'
     WHERE name = $1 AND disabled_at IS NULL`,
    [name, reason, now],
  );
  if (rowCount) await reportDisabled(name, "gone", reason);
}
