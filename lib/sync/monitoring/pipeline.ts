/**
 * The chain from Clerk to the mirror, and how the whole of it is: judged from what the canary found, from the newest verified
 * delivery and from the worker's sign of life. Pure; a stage of which nothing is known is said to be unknown.
 */

/**
 * What a round of the canary can find. `clerk`: it did not take the change. `secret`: its webhook came, and its signature did
 * not verify (`refusal.ts` notes it). `not-reachable`: our own public address does not answer. `not-subscribed`: others come,
 * this type does not. `not-sent`: none of it came.
 */
export type CanaryFault = "clerk" | "secret" | "not-reachable" | "not-subscribed" | "not-sent";

/** How long a round waits for its webhook. */
export const ARRIVAL_TIMEOUT_S = 60;

/** In the order in which an event travels. */
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
  /** As of when that is known. */
  knownAt: Date | null;
};

/** From bad to good: each is said only when none before it is so. */
export const verdicts = [
  "broken-stage",
  "needs-attention",
  "no-worker",
  "not-reconciled",
  "pending",
  "no-events",
  "current",
] as const;
export type Verdict = (typeof verdicts)[number];

export type Round = { startedAt: Date; arrivedAt: Date | null; fault: string | null };

export type Evidence = {
  /** The newest round of the canary that is over. */
  round: Round | null;
  /** When the newest message came whose signature verified. */
  verifiedAt: Date | null;
  isWorkerRunning: boolean;
  workerHeartbeatAt: Date | null;
};

/** Which stage each finding is about, and which others it shows to work. */
const findings: Record<CanaryFault, { broken: StageName; working: StageName[] }> = {
  clerk: { broken: "clerk", working: [] },
  "not-subscribed": {
    broken: "subscription",
    working: ["clerk", "sender", "address", "signature"],
  },
  "not-sent": { broken: "sender", working: ["clerk", "address"] },
  "not-reachable": { broken: "address", working: ["clerk"] },
  secret: { broken: "signature", working: ["clerk", "subscription", "sender", "address"] },
};

const isFinding = (name: string): name is CanaryFault => Object.hasOwn(findings, name);

function byCanary(round: Round | null, name: StageName): PipelineStage {
  const unknown: PipelineStage = { name, state: "unknown", knownAt: null };
  if (!round) return unknown;
  if (round.arrivedAt) return { name, state: "working", knownAt: round.arrivedAt };
  if (!round.fault || !isFinding(round.fault)) return unknown;
  const { broken, working } = findings[round.fault];
  const knownAt = round.startedAt;
  if (name === broken) return { name, state: "broken", knownAt };
  return working.includes(name) ? { name, state: "working", knownAt } : unknown;
}

/** What came while a round still waited for its webhook is part of what it found. */
function isLater(verifiedAt: Date, { state, knownAt }: PipelineStage): boolean {
  if (knownAt === null) return true;
  return (
    verifiedAt.getTime() > knownAt.getTime() + (state === "broken" ? ARRIVAL_TIMEOUT_S * 1_000 : 0)
  );
}

/** Whatever verifies was sent, found us, and was signed with our secret. */
const shownByAny: StageName[] = ["sender", "address", "signature"];

export function assessPipeline({
  round,
  verifiedAt,
  isWorkerRunning,
  workerHeartbeatAt,
}: Evidence): PipelineStage[] {
  return stageNames.map((name) => {
    if (name === "worker") {
      return { name, state: isWorkerRunning ? "working" : "broken", knownAt: workerHeartbeatAt };
    }
    const found = byCanary(round, name);
    return shownByAny.includes(name) && verifiedAt && isLater(verifiedAt, found)
      ? { name, state: "working", knownAt: verifiedAt }
      : found;
  });
}

export function overallVerdict(
  pipeline: PipelineStage[],
  health: Record<"needsAttention" | "pending", number> & Record<"hasAny" | "isReconciled", boolean>,
): Verdict {
  const isBroken = (stage: PipelineStage) => stage.state === "broken";
  if (pipeline.some((stage) => isBroken(stage) && stage.name !== "worker")) return "broken-stage";
  if (health.needsAttention > 0) return "needs-attention";
  if (pipeline.some(isBroken)) return "no-worker";
  if (!health.isReconciled) return "not-reconciled";
  if (health.pending > 0) return "pending";
  return health.hasAny ? "current" : "no-events";
}
