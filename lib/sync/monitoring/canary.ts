/**
 * The canary: changes a nonce in an organization's metadata at Clerk, and looks a minute later whether the webhook of that
 * change came through. When it did not, names the stage that is broken, as far as it can be told from here.
 */
import { randomUUID } from "node:crypto";
import { clerk } from "../../clerk";
import { database } from "../../db";
import { withDeadline } from "../../deadline";
import { env } from "../../env";
import { log } from "../../log";
import { CANARY_KEY } from "./canary-refusal";
import { ARRIVAL_TIMEOUT_S, type CanaryFault } from "./pipeline";

const REACH_WITHIN_MS = 5_000;
const ANSWER_WITHIN_MS = 15_000;

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
      ANSWER_WITHIN_MS,
      () => {
        throw new Error(`Clerk did not answer within ${ANSWER_WITHIN_MS} ms`);
      },
    );
  } catch (error) {
    log.warn("canary: Clerk did not take the change", {}, error);
    await prisma.canaryRound.update({ where: { id }, data: { fault: "clerk" } });
    return;
  }
  await pool.query(
    `WITH accepted AS (UPDATE canary_rounds SET accepted_at = now() WHERE id = $1 RETURNING id)
     SELECT graphile_worker.add_job('check-canary', json_build_object('roundId', id::text),
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

/** The route answers 405 to a GET; a redirect or a stranger's page is not our route. */
async function isReachable(): Promise<boolean> {
  try {
    const response = await fetch(`${env().appUrl}/api/webhooks/clerk`, {
      redirect: "manual",
      signal: AbortSignal.timeout(REACH_WITHIN_MS),
    });
    return response.status === 405;
  } catch {
    return false;
  }
}

async function findFault(since: Date): Promise<CanaryFault> {
  const { prisma } = database();
  if (!(await isReachable())) return "not-reachable";
  const meanwhile = { receivedAt: { gte: since } };
  const others = await prisma.delivery.count({ where: meanwhile });
  const ofThisType = await prisma.delivery.count({
    where: { ...meanwhile, type: "organization.updated" },
  });
  return others > 0 && ofThisType === 0 ? "not-subscribed" : "not-sent";
}

export async function checkCanary(roundId: bigint): Promise<void> {
  const { prisma } = database();
  const round = await prisma.canaryRound.findUnique({ where: { id: roundId } });
  if (!round || round.arrivedAt) return;
  const arrivedAt = await findArrival(round.nonce, round.startedAt);
  // What was refused, and came all the same when it was sent again, came.
  const fault = arrivedAt ? null : (round.fault ?? (await findFault(round.startedAt)));
  if (fault) log.warn("canary: its webhook did not come", { fault });
  await prisma.canaryRound.update({ where: { id: roundId }, data: { arrivedAt, fault } });
}
