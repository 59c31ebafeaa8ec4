/**
 * The canary: changes a nonce in an organization's metadata at Clerk, and checks a minute later whether the webhook of that
 * change arrived. If the webhook did not arrive, determines the fault, as far as this process can know it.
 */
import { randomUUID } from "node:crypto";
import { isClerkAPIResponseError } from "@clerk/backend/errors";
import { clerk } from "../../clerk";
import { database } from "../../db";
import { withDeadline } from "../../deadline";
import { env } from "../../env";
import { log } from "../../log";
import { CANARY_KEY } from "../event/redact";
import { ARRIVAL_TIMEOUT_S, type CanaryFault } from "./pipeline";
import { ENDPOINT_STATUS, probeWebhookEndpoint } from "./webhook-endpoint";

const CLERK_TIMEOUT_MS = 15_000;

/**
 * Returns the canary fault for an error response of Clerk to the metadata change. An error without a status means that Clerk did
 * not respond.
 */
function faultOf(error: unknown): CanaryFault {
  if (!isClerkAPIResponseError(error) || !error.status) return "clerk-silent";
  if (error.status === 401 || error.status === 403) return "clerk-key";
  return error.status === 404 ? "clerk-organization" : "clerk";
}

export async function startCanary(): Promise<void> {
  const { canaryOrganizationId: organizationId } = env();
  if (!organizationId) return;
  const { prisma, pool } = database();
  const nonce = randomUUID();
  const { id } = await prisma.canaryRound.create({ data: { nonce } });
  try {
    const change = { privateMetadata: { [CANARY_KEY]: nonce } };
    await withDeadline(
      clerk().organizations.updateOrganizationMetadata(organizationId, change),
      CLERK_TIMEOUT_MS,
      () => {
        throw new Error(`Clerk did not answer within ${CLERK_TIMEOUT_MS} ms`);
      },
    );
  } catch (error) {
    const fault = faultOf(error);
    log.warn("canary: Clerk did not accept the change", { fault }, error);
    await prisma.canaryRound.update({ where: { id }, data: { fault } });
    return;
  }
  await pool.query(
    `WITH accepted AS (UPDATE canary_rounds SET accepted_at = now() WHERE id = $1 RETURNING id)
     SELECT add_queue_job('check-canary', json_build_object('roundId', id::text),
       run_at => now() + interval '${ARRIVAL_TIMEOUT_S} s', job_key => 'check-canary ' || id) FROM accepted`,
    [id],
  );
}

async function findArrival(nonce: string, since: Date): Promise<Date | null> {
  const { rows } = await database().pool.query<{ received_at: Date }>(
    `SELECT received_at FROM deliveries
     WHERE object_id = $1 AND received_at >= $2 AND position(convert_to($3, 'UTF8') IN body) > 0
     ORDER BY received_at LIMIT 1`,
    [env().canaryOrganizationId, since, nonce],
  );
  return rows[0]?.received_at ?? null;
}

async function isReachable(): Promise<boolean> {
  const status = await probeWebhookEndpoint().catch(() => null);
  return status === ENDPOINT_STATUS;
}

async function findFault(since: Date): Promise<CanaryFault> {
  const { prisma } = database();
  if (!(await isReachable())) return "not-reachable";
  const sinceStart = { receivedAt: { gte: since } };
  const others = await prisma.delivery.count({ where: sinceStart });
  const ofThisType = await prisma.delivery.count({
    where: { ...sinceStart, type: "organization.updated" },
  });
  return others > 0 && ofThisType === 0 ? "not-subscribed" : "not-sent";
}

export async function checkCanary(roundId: bigint): Promise<void> {
  const { prisma } = database();
  const round = await prisma.canaryRound.findUnique({ where: { id: roundId } });
  if (!round || round.arrivedAt) return;
  const arrivedAt = await findArrival(round.nonce, round.startedAt);
  // A webhook that was first refused and later accepted, when it was sent again, has arrived.
  const fault = arrivedAt ? null : (round.fault ?? (await findFault(round.startedAt)));
  if (fault) log.warn("canary: its webhook did not arrive", { fault });
  await prisma.canaryRound.update({ where: { id: roundId }, data: { arrivedAt, fault } });
}
