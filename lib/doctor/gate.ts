/**
 * Decides whether a deployment may go on (`npm run doctor -- --gate`). It is refused while something is *broken*: a check failed.
 * It is also refused while the mirror is *stale*: Health warns that changes at Clerk arrive late or not at all. Then a fault
 * of the new version could not be distinguished from the earlier one. Other warnings do not refuse it.
 */
import type { Finding } from "./finding";

/** The codes of Health's warnings that mean: the mirror may be behind Clerk. */
const STALE = new Set([
  "pending",
  "late",
  "no-events",
  "no-worker",
  "reconciliation",
  "canary-overdue",
  "refused-timestamp",
]);

export type GateVerdict = "pass" | "broken" | "stale";

/** The exit codes of the command, by which a pipeline can tell the verdicts apart. */
export const gateExitCodes: Record<GateVerdict, number> = { pass: 0, broken: 1, stale: 2 };

export type Gate = {
  verdict: GateVerdict;
  /** The findings that refuse the deployment. */
  reasons: Finding[];
  /** The findings that would refuse it, and that the operator allowed. */
  allowed: Finding[];
};

/** Codes in `allow` do not refuse the deployment: the new version may be the remedy. */
export function gateOf(findings: Finding[], allow: string[] = []): Gate {
  const isStale = ({ state, code }: Finding) =>
    state === "warn" && code !== null && STALE.has(code);
  const refusing = findings.filter((each) => each.state === "bad" || isStale(each));
  const isAllowed = ({ code }: Finding) => code !== null && allow.includes(code);
  const reasons = refusing.filter((each) => !isAllowed(each));
  const isBroken = reasons.some(({ state }) => state === "bad");
  return {
    verdict: isBroken ? "broken" : reasons.length > 0 ? "stale" : "pass",
    reasons,
    allowed: refusing.filter(isAllowed),
  };
}
