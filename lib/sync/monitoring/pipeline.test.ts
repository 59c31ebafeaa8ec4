import { describe, expect, test } from "vitest";
import { type Evidence, type LinkName, linksOf, verdictOf, verdicts } from "./pipeline";

const startedAt = new Date("2026-11-01T12:00:00Z");
const at = (seconds: number) => new Date(startedAt.getTime() + seconds * 1_000);

const nothing: Evidence = {
  round: null,
  verifiedAt: null,
  isWorkerAlive: true,
  workerSeenAt: at(100),
};
const found = (brokenLink: string) => ({ startedAt, arrivedAt: null, brokenLink });

/** The links in order, each by its first letter: working, broken, unknown. */
const chain = (evidence: Partial<Evidence>) =>
  linksOf({ ...nothing, ...evidence })
    .map(({ state }) => state.charAt(0))
    .join("");

describe("the chain", () => {
  test.each([
    ["no canary, and nothing came", {}, "uuuuuw"],
    ["no canary, and something came", { verifiedAt: startedAt }, "uuwwww"],
    ["it came back", { round: { startedAt, arrivedAt: at(1), brokenLink: null } }, "wwwwww"],
    ["Clerk refused it", { round: found("clerk") }, "buuuuw"],
    ["its type is not subscribed", { round: found("not-subscribed") }, "wbwwww"],
    ["nothing was sent", { round: found("not-sent") }, "wubwuw"],
    ["we are not reachable", { round: found("not-reachable") }, "wuubuw"],
    ["the secret is wrong", { round: found("secret") }, "wwwwbw"],
    ["nobody looked after it", { round: found("worker"), isWorkerAlive: false }, "uuuuub"],
  ])("%s", (_name, evidence, states) => {
    expect(chain(evidence)).toBe(states);
  });

  test.each([["not-sent"], ["not-reachable"], ["secret"]])(
    "what verifies after a round that found %s shows that it is mended; what came meanwhile does not",
    (brokenLink) => {
      expect(chain({ round: found(brokenLink), verifiedAt: at(59) })).toContain("b");
      expect(chain({ round: found(brokenLink), verifiedAt: at(61) })).not.toContain("b");
    },
  );

  test("that others come says nothing of the subscription, nor of what Clerk takes", () => {
    for (const brokenLink of ["not-subscribed", "clerk"]) {
      expect(chain({ round: found(brokenLink), verifiedAt: at(600) })).toContain("b");
    }
  });

  test("each is known as of its newest evidence", () => {
    const round = { startedAt, arrivedAt: at(2), brokenLink: null };
    const links = linksOf({ ...nothing, round, verifiedAt: at(50) });
    const knownAt = (name: LinkName) => links.find((link) => link.name === name)?.knownAt;
    expect([knownAt("clerk"), knownAt("signature"), knownAt("worker")]).toEqual([
      at(2),
      at(50),
      at(100),
    ]);
  });
});

test("the worst is said first", () => {
  const worst = (evidence: Partial<Evidence>, counts = {}) =>
    verdictOf(linksOf({ ...nothing, ...evidence }), {
      setAside: 0,
      pending: 0,
      hasAny: true,
      isCompared: true,
      ...counts,
    });
  const all = { setAside: 1, pending: 1, hasAny: false, isCompared: false };
  const isWorkerAlive = false;
  expect([
    worst({ round: found("secret"), isWorkerAlive }, all),
    worst({ isWorkerAlive }, all),
    worst({ isWorkerAlive }, { ...all, setAside: 0 }),
    worst({}, { ...all, setAside: 0 }),
    worst({}, { pending: 1, hasAny: false }),
    worst({}, { hasAny: false }),
    worst({}),
  ]).toEqual(verdicts);
});
