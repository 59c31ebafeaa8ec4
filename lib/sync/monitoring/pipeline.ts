/**
 * Assesses the stages between Clerk and the mirror. The evidence is the last canary round, the newest
 * verified delivery and the worker's heartbeat. Pure. A stage without evidence is `unknown`.
 */

/**
 * The faults that a canary round can find.
 * - `clerk`: Clerk responded to the metadata change with an error. `clerk-key`: Clerk refused the secret key.
 * `clerk-organization`: Clerk does not know the organization. `clerk-silent`: Clerk did not respond.
 * - `secret`: the webhook arrived, but its signature did not verify (recorded by `canary-refusal.ts`).
 * - `not-reachable`: our public address does not respond.
 * - `not-subscribed`: webhooks of other event types arrived, but none of the canary's event type.
 * - `not-sent`: no webhook of the canary's change arrived.
 */
export const canaryFaults = [
  "clerk",
  "clerk-key",
  "clerk-organization",
  "clerk-silent",
  "secret",
  "not-reachable",
  "not-subscribed",
  "not-sent",
] as const;
export type CanaryFault = (typeof canaryFaults)[number];

/** How long a canary round waits for its webhook, in seconds. */
export const ARRIVAL_TIMEOUT_S = 60;

/** The stages, in the order in which an event passes through them. */
export const stageNames = [
  "clerk",
  "subscription",
  "sender",
  "address",
  "signature",
  "worker",
] as const;
export type StageName = (typeof stageNames)[number];

export const stageStates = ["working", "broken", "unknown"] as const;
export type PipelineStage = {
  name: StageName;
  state: (typeof stageStates)[number];
  /** The time of the evidence for `state`. */
  knownAt: Date | null;
};

export type Round = { startedAt: Date; arrivedAt: Date | null; fault: string | null };

export type Evidence = {
  /** The newest canary round that has ended. */
  round: Round | null;
  /** The time at which the newest verified delivery was received. */
  verifiedAt: Date | null;
  /** True if a worker's heartbeat is recent; null while the database cannot be read. */
  isWorkerRunning: boolean | null;
  workerHeartbeatAt: Date | null;
};

/** For each fault, the broken stage and the stages that the fault proves to work. */
const stagesByFault: Record<CanaryFault, { broken: StageName; working: StageName[] }> = {
  clerk: { broken: "clerk", working: [] },
  "clerk-key": { broken: "clerk", working: [] },
  "clerk-organization": { broken: "clerk", working: [] },
  "clerk-silent": { broken: "clerk", working: [] },
  "not-subscribed": {
    broken: "subscription",
    working: ["clerk", "sender", "address", "signature"],
  },
  "not-sent": { broken: "sender", working: ["clerk", "address"] },
  "not-reachable": { broken: "address", working: ["clerk"] },
  secret: { broken: "signature", working: ["clerk", "subscription", "sender", "address"] },
};

export const isCanaryFault = (name: string): name is CanaryFault =>
  Object.hasOwn(stagesByFault, name);

function assessByCanary(round: Round | null, name: StageName): PipelineStage {
  const unknown: PipelineStage = { name, state: "unknown", knownAt: null };
  if (!round) return unknown;
  if (round.arrivedAt) return { name, state: "working", knownAt: round.arrivedAt };
  if (!round.fault || !isCanaryFault(round.fault)) return unknown;
  const { broken, working } = stagesByFault[round.fault];
  const knownAt = round.startedAt;
  if (name === broken) return { name, state: "broken", knownAt };
  return working.includes(name) ? { name, state: "working", knownAt } : unknown;
}

/**
 * True if a delivery was verified after the last canary round ended. A failed round waited {@link ARRIVAL_TIMEOUT_S} for its own
 * delivery; a delivery within that time is not later.
 */
function isLater(verifiedAt: Date, { state, knownAt }: PipelineStage): boolean {
  if (knownAt === null) return true;
  return (
    verifiedAt.getTime() > knownAt.getTime() + (state === "broken" ? ARRIVAL_TIMEOUT_S * 1_000 : 0)
  );
}

/** The stages that every verified delivery proves: sent by Clerk, endpoint reached, signature valid. */
const shownByAnyDelivery: StageName[] = ["sender", "address", "signature"];

export function assessPipeline({
  round,
  verifiedAt,
  isWorkerRunning,
  workerHeartbeatAt,
}: Evidence): PipelineStage[] {
  return stageNames.map((name) => {
    if (name === "worker") {
      const state = isWorkerRunning === null ? "unknown" : isWorkerRunning ? "working" : "broken";
      return { name, state, knownAt: workerHeartbeatAt };
    }
    const found = assessByCanary(round, name);
    return shownByAnyDelivery.includes(name) && verifiedAt && isLater(verifiedAt, found)
      ? { name, state: "working", knownAt: verifiedAt }
      : found;
  });
}
