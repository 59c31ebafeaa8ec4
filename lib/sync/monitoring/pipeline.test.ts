import { describe, expect, test } from "vitest";
import { assessPipeline, type Evidence, type StageName } from "./pipeline";

const startedAt = new Date("2026-11-01T12:00:00Z");
const at = (seconds: number) => new Date(startedAt.getTime() + seconds * 1_000);

const nothing: Evidence = {
  round: null,
  verifiedAt: null,
  isWorkerRunning: true,
  workerHeartbeatAt: at(100),
};
const found = (fault: string) => ({ startedAt, arrivedAt: null, fault });

/** Returns the states of the stages in order, each by its first letter: w for working, b for broken, u for unknown. */
const chain = (evidence: Partial<Evidence>) =>
  assessPipeline({ ...nothing, ...evidence })
    .map(({ state }) => state.charAt(0))
    .join("");

describe("the stages are assessed", () => {
  test.each([
    ["without a canary and without a delivery", {}, "uuuuuw"],
    ["without a canary and with a delivery", { verifiedAt: startedAt }, "uuwwww"],
    [
      "with a canary that arrived",
      { round: { startedAt, arrivedAt: at(1), fault: null } },
      "wwwwww",
    ],
    ["with a change that Clerk refused", { round: found("clerk") }, "buuuuw"],
    ["with a key that Clerk refused", { round: found("clerk-key") }, "buuuuw"],
    ["with a round that Clerk did not answer", { round: found("clerk-silent") }, "buuuuw"],
    ["without the database", { isWorkerRunning: null }, "uuuuuu"],
    ["with an event type that is not subscribed", { round: found("not-subscribed") }, "wbwwww"],
    ["with a webhook that was not sent", { round: found("not-sent") }, "wubwuw"],
    ["with an address that is not reachable", { round: found("not-reachable") }, "wuubuw"],
    ["with a wrong secret", { round: found("secret") }, "wwwwbw"],
    [
      "with a round that no worker checked",
      { round: found("worker"), isWorkerRunning: false },
      "uuuuub",
    ],
  ])("assessPipeline returns the expected state of each stage %s", (_name, evidence, states) => {
    expect(chain(evidence)).toBe(states);
  });

  test.each([["not-sent"], ["not-reachable"], ["secret"]])(
    "a delivery after a canary round that found %s makes the broken stage working; a delivery during the round does not",
    (fault) => {
      expect(chain({ round: found(fault), verifiedAt: at(59) })).toContain("b");
      expect(chain({ round: found(fault), verifiedAt: at(61) })).not.toContain("b");
    },
  );

  test("deliveries after a canary round do not clear a broken subscription stage or a broken Clerk stage", () => {
    for (const fault of ["not-subscribed", "clerk"]) {
      expect(chain({ round: found(fault), verifiedAt: at(600) })).toContain("b");
    }
  });

  test("assessPipeline returns for each stage the time of its newest evidence", () => {
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
