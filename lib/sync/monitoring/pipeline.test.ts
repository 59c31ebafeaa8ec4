import { describe, expect, test } from "vitest";
import {
  assessPipeline,
  type Evidence,
  overallVerdict,
  type StageName,
  verdicts,
} from "./pipeline";

const startedAt = new Date("2026-11-01T12:00:00Z");
const at = (seconds: number) => new Date(startedAt.getTime() + seconds * 1_000);

const nothing: Evidence = {
  round: null,
  verifiedAt: null,
  isWorkerRunning: true,
  workerHeartbeatAt: at(100),
};
const found = (fault: string) => ({ startedAt, arrivedAt: null, fault });

/** The pipeline in order, each by its first letter: working, broken, unknown. */
const chain = (evidence: Partial<Evidence>) =>
  assessPipeline({ ...nothing, ...evidence })
    .map(({ state }) => state.charAt(0))
    .join("");

describe("the chain", () => {
  test.each([
    ["no canary, and nothing came", {}, "uuuuuw"],
    ["no canary, and something came", { verifiedAt: startedAt }, "uuwwww"],
    ["it came back", { round: { startedAt, arrivedAt: at(1), fault: null } }, "wwwwww"],
    ["Clerk refused it", { round: found("clerk") }, "buuuuw"],
    ["its type is not subscribed", { round: found("not-subscribed") }, "wbwwww"],
    ["nothing was sent", { round: found("not-sent") }, "wubwuw"],
    ["we are not reachable", { round: found("not-reachable") }, "wuubuw"],
    ["the secret is wrong", { round: found("secret") }, "wwwwbw"],
    ["nobody looked after it", { round: found("worker"), isWorkerRunning: false }, "uuuuub"],
  ])("%s", (_name, evidence, states) => {
    expect(chain(evidence)).toBe(states);
  });

  test.each([["not-sent"], ["not-reachable"], ["secret"]])(
    "what verifies after a round that found %s shows that it is mended; what came meanwhile does not",
    (fault) => {
      expect(chain({ round: found(fault), verifiedAt: at(59) })).toContain("b");
      expect(chain({ round: found(fault), verifiedAt: at(61) })).not.toContain("b");
    },
  );

  test("that others come says nothing of the subscription, nor of what Clerk takes", () => {
    for (const fault of ["not-subscribed", "clerk"]) {
      expect(chain({ round: found(fault), verifiedAt: at(600) })).toContain("b");
    }
  });

  test("each is known as of its newest evidence", () => {
    const round = { startedAt, arrivedAt: at(2), fault: null };
    const pipeline = assessPipeline({ ...nothing, round, verifiedAt: at(50) });
    const knownAt = (name: StageName) => pipeline.find((stage) => stage.name === name)?.knownAt;
    expect([knownAt("clerk"), knownAt("signature"), knownAt("worker")]).toEqual([
      at(2),
      at(50),
      at(100),
    ]);
  });
});

test("the worst is said first", () => {
  const worst = (evidence: Partial<Evidence>, counts = {}) =>
    overallVerdict(assessPipeline({ ...nothing, ...evidence }), {
      needsAttention: 0,
      pending: 0,
      hasAny: true,
      isReconciled: true,
      ...counts,
    });
  const all = { needsAttention: 1, pending: 1, hasAny: false, isReconciled: false };
  const isWorkerRunning = false;
  expect([
    worst({ round: found("secret"), isWorkerRunning }, all),
    worst({ isWorkerRunning }, all),
    worst({ isWorkerRunning }, { ...all, needsAttention: 0 }),
    worst({}, { ...all, needsAttention: 0 }),
    worst({}, { pending: 1, hasAny: false }),
    worst({}, { hasAny: false }),
    worst({}),
  ]).toEqual(verdicts);
});
