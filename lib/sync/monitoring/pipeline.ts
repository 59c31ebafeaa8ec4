/**
 * The chain from Clerk to the mirror, and how the whole of it is: judged from what the canary found, from the newest verified
 * delivery and from the worker's sign of life. Pure; a link of which nothing is known is said to be unknown.
 */

/**
 * What a round of the canary can find. `clerk`: it did not take the change. `secret`: its webhook came, and its signature did
 * not verify (`refusal.ts` notes it). `not-reachable`: our own public address does not answer. `not-subscribed`: others come,
 * this type does not. `not-sent`: none of it came.
 */
export type BrokenLink = "clerk" | "secret" | "not-reachable" | "not-subscribed" | "not-sent";

/** How long a round waits for its webhook. */
export const ARRIVAL_TIMEOUT_S = 60;

/** In the order in which an event travels. */
export const linkNames = [
  "clerk",
  "subscription",
  "sender",
  "address",
  "signature",
  "worker",
] as const;
export type LinkName = (typeof linkNames)[number];

export const linkStates = ["working", "broken", "unknown"] as const;
export type Link = {
  name: LinkName;
  state: (typeof linkStates)[number];
  /** As of when that is known. */
  knownAt: Date | null;
};

/** From bad to good: each is said only when none before it is so. */
export const verdicts = [
  "broken-link",
  "set-aside",
  "no-worker",
  "not-compared",
  "waiting",
  "nothing-yet",
  "current",
] as const;
export type Verdict = (typeof verdicts)[number];

export type Round = { startedAt: Date; arrivedAt: Date | null; brokenLink: string | null };

export type Evidence = {
  /** The newest round of the canary that is over. */
  round: Round | null;
  /** When the newest message came whose signature verified. */
  verifiedAt: Date | null;
  isWorkerAlive: boolean;
  workerSeenAt: Date | null;
};

/** Which link each finding is about, and which others it shows to work. */
const findings: Record<BrokenLink, { broken: LinkName; working: LinkName[] }> = {
  clerk: { broken: "clerk", working: [] },
  "not-subscribed": {
    broken: "subscription",
    working: ["clerk", "sender", "address", "signature"],
  },
  "not-sent": { broken: "sender", working: ["clerk", "address"] },
  "not-reachable": { broken: "address", working: ["clerk"] },
  secret: { broken: "signature", working: ["clerk", "subscription", "sender", "address"] },
};

const isFinding = (name: string): name is BrokenLink => Object.hasOwn(findings, name);

function byCanary(round: Round | null, name: LinkName): Link {
  const unknown: Link = { name, state: "unknown", knownAt: null };
  if (!round) return unknown;
  if (round.arrivedAt) return { name, state: "working", knownAt: round.arrivedAt };
  if (!round.brokenLink || !isFinding(round.brokenLink)) return unknown;
  const { broken, working } = findings[round.brokenLink];
  const knownAt = round.startedAt;
  if (name === broken) return { name, state: "broken", knownAt };
  return working.includes(name) ? { name, state: "working", knownAt } : unknown;
}

/** What came while a round still waited for its webhook is part of what it found. */
function isLater(verifiedAt: Date, { state, knownAt }: Link): boolean {
  if (knownAt === null) return true;
  return (
    verifiedAt.getTime() > knownAt.getTime() + (state === "broken" ? ARRIVAL_TIMEOUT_S * 1_000 : 0)
  );
}

/** Whatever verifies was sent, found us, and was signed with our secret. */
const shownByAny: LinkName[] = ["sender", "address", "signature"];

export function linksOf({ round, verifiedAt, isWorkerAlive, workerSeenAt }: Evidence): Link[] {
  return linkNames.map((name) => {
    if (name === "worker") {
      return { name, state: isWorkerAlive ? "working" : "broken", knownAt: workerSeenAt };
    }
    const found = byCanary(round, name);
    return shownByAny.includes(name) && verifiedAt && isLater(verifiedAt, found)
      ? { name, state: "working", knownAt: verifiedAt }
      : found;
  });
}

export function verdictOf(
  links: Link[],
  health: Record<"setAside" | "pending", number> & Record<"hasAny" | "isCompared", boolean>,
): Verdict {
  const isBroken = (link: Link) => link.state === "broken";
  if (links.some((link) => isBroken(link) && link.name !== "worker")) return "broken-link";
  if (health.setAside > 0) return "set-aside";
  if (links.some(isBroken)) return "no-worker";
  if (!health.isCompared) return "not-compared";
  if (health.pending > 0) return "waiting";
  return health.hasAny ? "current" : "nothing-yet";
}
