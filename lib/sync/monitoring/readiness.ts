/**
 * Builds the body of `/api/ready`. A problem of the sync is `degraded`, never `unavailable`: a load balancer would stop sending
 * traffic to the app. That would add an outage, and Clerk could no longer deliver the events that end the problem. The exception
 * is a restored database that has erased persons in it: the app refuses to serve it, until a worker has erased them again.
 */
import type { Figures, Health } from "./health";
import { commandsIn, sentenceText, worstState } from "./verdict";

function syncOf(figures: Figures) {
  const { now, deliveries, canary, worker, provisionings, lastRun } = figures;
  const { lists } = deliveries;
  const oldestPendingAt = lists.pending.oldestAt;
  return {
    lastDeliveryAt: deliveries.newestAt,
    lagMs: deliveries.lagMs,
    pending: lists.pending.count,
    oldestPendingAt,
    oldestPendingMs: oldestPendingAt && now.getTime() - oldestPendingAt.getTime(),
    dead: lists.dead.count,
    quarantined: lists.quarantined.count,
    unreadable: lists.unreadable.count,
    partial: lists.partial.count,
    unknown: lists.unknown.count,
    provisioning: provisionings.count,
    refusedTimestamp: figures.refusedTimestamp,
    refusedSize: figures.refusedSize,
    isCanarySet: canary.isSet,
    canary: canary.newest,
    ...worker,
    lastRun,
  };
}

export type Readiness = { httpStatus: 200 | 503; body: Record<string, unknown> };

export function readinessOf({ findings, pipeline, at, mode, ...health }: Health): Readiness {
  const worst = worstState(findings);
  const isDegraded = worst === "bad" || worst === "warn";
  const { figures, databaseFault } = health;
  const isUnavailable = databaseFault !== null || figures?.erasures.refusal != null;
  const status = isUnavailable ? "unavailable" : isDegraded ? "degraded" : "ok";
  return {
    httpStatus: isUnavailable ? 503 : 200,
    body: {
      status,
      database: databaseFault ?? "ok",
      connectionMode: mode,
      replica: figures?.database.replica ?? null,
      at,
      findings: findings.map(({ code, state, sentence, remedy, since }) => ({
        code,
        state,
        sentence: sentenceText(sentence, at),
        remedy,
        commands: commandsIn(remedy),
        since,
      })),
      pipeline,
      sync: figures && syncOf(figures),
    },
  };
}
