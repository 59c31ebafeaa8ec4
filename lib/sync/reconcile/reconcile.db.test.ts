import { spawn } from "node:child_process";
import type { ServerResponse } from "node:http";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  answerJson,
  type BackendApi,
  clerkError,
  startBackendApi,
} from "@/dev/testing/backend-api";
import {
  clerkId,
  deletedJson,
  event,
  membershipJson,
  organizationJson,
  userJson,
} from "@/dev/testing/clerk-payloads";
import { sendWebhook } from "@/dev/testing/webhook";
import { database } from "../../db";
import { findVersions } from "../mirror/history";
import { type ReconcileOptions, reconcile } from "./reconcile";
import { LeaseTaken, takeLease } from "./runs";

const start = 1_790_000_000_000;
const sql = (text: string, values: unknown[] = []) => database().pool.query(text, values);
const findUser = (id: string) => database().prisma.user.findUnique({ where: { id } });
const findings = (runId: bigint) => database().prisma.driftFinding.findMany({ where: { runId } });

let clerk: BackendApi;

beforeAll(async () => {
  clerk = await startBackendApi();
  process.env.CLERK_API_URL = clerk.url;
});
afterAll(() => clerk.close());
beforeEach(async () => {
  Object.assign(clerk, { users: [], organizations: [], memberships: [], asked: [] });
  clerk.intercept = null;
  await sql(
    "TRUNCATE users, organizations, memberships, versions, deliveries, sync_runs, drift_findings CASCADE",
  );
});
afterEach(() => {
  clerk.intercept = null;
});

const fast = { perTenSeconds: 100_000, backoffMs: [5, 5, 5], answerWithinMs: 500 };
const run = (options: Partial<ReconcileOptions> = {}) =>
  reconcile({ mode: "repair", trigger: "command", calls: fast, ...options });

const person = (n: number, fields: Record<string, unknown> = {}) => ({
  ...userJson({ id: `user_${String(n).padStart(5, "0")}`, ...fields }),
  id: `user_${String(n).padStart(5, "0")}`,
  created_at: start + n,
});
const people = (count: number) => Array.from({ length: count }, (_, n) => person(n));

async function countUsers(): Promise<number> {
  return database().prisma.user.count({ where: { deleted: false, version: { gt: 0 } } });
}

describe("an object that cannot be read", () => {
  test("a reconciliation reports an object that cannot be read, does not delete it, and mirrors all other objects", async () => {
    clerk.users = people(5);
    await run();
    clerk.users = [
      person(0, { last_sign_in_at: -62135596800000, updated_at: start + 1 }),
      person(1, { updated_at: "soon" }),
      ...people(5).slice(2),
      person(6),
    ];
    const { runId, status, counts } = await run();
    expect({ status, counts: counts.users }).toMatchObject({
      status: "done",
      counts: { unreadable: 1, partial: 1, missing: 1, stale: 1, extra: 0 },
    });
    expect(await countUsers()).toBe(6);
    const found = await findings(runId);
    expect(found.filter(({ kind }) => kind === "unreadable" || kind === "partial")).toMatchObject([
      { kind: "partial", objectId: "user_00000", fields: { last_sign_in_at: {} } },
      { kind: "unreadable", objectId: "user_00001", fields: { updated_at: {} } },
    ]);
  });

  test("a reconciliation counts an object without an id as unreadable, and reads the list to the end", async () => {
    clerk.users = [...people(600), { ...person(600), id: "" }, person(601)];
    const { status, counts } = await run();
    expect({ status, unreadable: counts.users.unreadable }).toEqual({
      status: "done",
      unreadable: 1,
    });
    expect(await countUsers()).toBe(601);
  });
});

describe("an empty mirror", () => {
  test("a backfill fills an empty mirror, and a second run finds no difference", async () => {
    clerk.users = people(1_203);
    const organization = { ...organizationJson({ id: "org_1" }), created_at: start };
    clerk.organizations = [organization];
    clerk.memberships = clerk.users.slice(0, 700).map(({ id: userId }, n) => ({
      ...membershipJson({ id: `orgmem_${n}`, userId, organizationId: "org_1" }),
      id: `orgmem_${n}`,
      created_at: start + n,
    }));
    const first = await run();
    expect(first).toMatchObject({ status: "done", isResumed: false });
    expect(first.counts.users).toMatchObject({
      read: expect.any(Number),
      missing: 1_203,
      repaired: 1_203,
    });
    expect(first.counts.memberships).toMatchObject({ missing: 700, repaired: 700 });
    expect(await countUsers()).toBe(1_203);
    expect(await findUser("user_00000")).toMatchObject({
      firstName: "Ada",
      svixId: "",
      eventTimestamp: 0n,
    });
    expect(await findVersions("user_00000")).toMatchObject([{ runId: first.runId, svixId: "" }]);
    const second = await run();
    expect(second.counts.users).toMatchObject({ missing: 0, stale: 0, different: 0, extra: 0 });
  });

  test("a backfill mirrors all users when they were created in the same millisecond", async () => {
    clerk.users = people(1_100).map((user) => ({ ...user, created_at: start }));
    expect((await run()).counts.users).toMatchObject({ missing: 1_100, extra: 0 });
    expect(await countUsers()).toBe(1_100);
  });

  test.each(['a "b" \\ {c}, d', "NULL", "", "two\nlines", "Ādä 🙂"])(
    "reconciliation stores the name %j unchanged",
    async (first_name) => {
      clerk.users = [person(1, { first_name, last_name: null })];
      await run();
      expect(await findUser("user_00001")).toMatchObject({
        firstName: first_name,
        lastName: null,
      });
    },
  );

  test("a dry run on an empty mirror writes no rows", async () => {
    clerk.users = people(3);
    const { counts, runId } = await run({ mode: "dry-run" });
    expect(counts.users).toMatchObject({ missing: 3, repaired: 0 });
    expect(await countUsers()).toBe(0);
    expect(await findings(runId)).toMatchObject([1, 2, 3].map(() => ({ isRepaired: false })));
  });
});

describe("drift", () => {
  test("a reconciliation finds drift by field with its cause, and repairs it", async () => {
    for (const user of people(40)) await sendWebhook(event("user.created", user));
    clerk.users = people(40);
    // Five differences: a change at Clerk without an event, a failed event in the inbox, two local edits, and a user deleted
    // at Clerk.
    clerk.users[0] = person(0, { first_name: "Stale", updated_at: start + 5 });
    clerk.users[1] = person(1, { first_name: "Failed", updated_at: start + 5 });
    await sql("UPDATE deliveries SET outcome = 'dead' WHERE object_id = 'user_00001'");
    await sql("UPDATE users SET email = 'edited@example.com' WHERE id = 'user_00002'");
    await sql("DELETE FROM users WHERE id = 'user_00003'");
    clerk.users.splice(4, 1);
    const { runId, counts, status } = await run();
    expect(status).toBe("done");
    expect(counts.users).toMatchObject({
      missing: 1,
      stale: 2,
      different: 1,
      extra: 1,
      repaired: 5,
    });
    const found = await findings(runId);
    const summary = found.map(({ objectId, kind, cause, isRepaired }) => [
      objectId,
      kind,
      cause,
      isRepaired,
    ]);
    expect(summary.sort()).toEqual([
      ["user_00000", "stale", "event not received", true],
      ["user_00001", "stale", "event failed", true],
      ["user_00002", "different", "local edit", true],
      ["user_00003", "missing", "local edit", true],
      ["user_00004", "extra", "event not received", true],
    ]);
    expect(found.find(({ objectId }) => objectId === "user_00002")?.fields).toEqual({
      email: { ours: "edited@example.com", theirs: "user_00002@example.com" },
    });
    expect(await findUser("user_00002")).toMatchObject({ email: "user_00002@example.com" });
    expect(await findUser("user_00004")).toMatchObject({ deleted: true, email: null });
    expect((await run()).counts.users).toMatchObject({
      missing: 0,
      stale: 0,
      different: 0,
      extra: 0,
    });
  });

  test("a reconciliation repairs drift with equal timestamps, and a replay of the overwritten event does not undo the repair", async () => {
    const id = clerkId("user");
    const at = { id, created_at: start, updated_at: start };
    const loser = event("user.updated", userJson({ ...at, first_name: "Loser" }));
    await sendWebhook(loser, { id: "msg_loser" });
    clerk.users = [{ ...userJson({ ...at, first_name: "Truth" }), id, created_at: start }];
    const { runId } = await run();
    expect(await findings(runId)).toMatchObject([{ kind: "different", cause: "equal timestamps" }]);
    expect(await findUser(id)).toMatchObject({ firstName: "Truth" });
    await sendWebhook(loser, { id: "msg_loser_again" });
    expect(await findUser(id)).toMatchObject({ firstName: "Truth" });
  });

  test("a reconciliation does not report or overwrite a row whose event is newer than Clerk's list", async () => {
    clerk.users = [person(1)];
    await sendWebhook(
      event("user.updated", person(1, { first_name: "New", updated_at: start + 9 })),
    );
    expect((await run()).counts.users).toMatchObject({ stale: 0, different: 0 });
    expect(await findUser("user_00001")).toMatchObject({ firstName: "New" });
  });

  test("a reconciliation reports a tombstone whose object exists at Clerk, and does not repair it", async () => {
    clerk.users = [person(1)];
    await sendWebhook(event("user.deleted", deletedJson("user_00001")));
    const { runId } = await run();
    expect(await findings(runId)).toMatchObject([{ kind: "different", isRepaired: false }]);
    expect(await findUser("user_00001")).toMatchObject({ deleted: true, email: null });
  });
});

describe("a row that is missing in Clerk's list", () => {
  const mirrorPeople = async (count: number) => {
    clerk.users = people(count);
    await run();
    clerk.requests.length = 0;
  };

  test("a row that is missing in Clerk's list is not deleted when Clerk returns the object itself", async () => {
    await mirrorPeople(30);
    clerk.intercept = (response, url) => {
      if (url.pathname !== "/v1/users" || url.searchParams.has("user_id")) return false;
      return answerJson(response, 200, clerk.users.slice(1));
    };
    expect((await run()).counts.users).toMatchObject({ extra: 0 });
    expect(clerk.requests).toContain("GET /v1/users/user_00000");
    expect(await countUsers()).toBe(30);
  });

  test("a reconciliation without force fails and deletes no row when more than 5 % of the rows are missing at Clerk", async () => {
    await mirrorPeople(30);
    clerk.users = clerk.users.slice(0, 20);
    expect(await run()).toMatchObject({
      status: "failed",
      reason: expect.stringContaining("--force"),
    });
    expect(await countUsers()).toBe(30);
    // A dry run reports the missing rows, and continues with the other tables.
    const shown: string[] = [];
    const dry = await run({
      mode: "dry-run",
      onFindings: (findings) => shown.push(...findings.map(({ kind, id }) => `${kind} ${id}`)),
    });
    expect(dry).toMatchObject({ status: "done", reason: expect.stringContaining("would stop") });
    expect(shown).toEqual(["extra user_00020", "extra user_00021"]);
    expect(await run({ force: true })).toMatchObject({ status: "done" });
    expect(await countUsers()).toBe(20);
  });

  test("a membership that is missing in Clerk's list is requested by organization and user before it is deleted", async () => {
    clerk.users = people(1);
    clerk.organizations = [{ ...organizationJson({ id: "org_1" }), created_at: start }];
    const ids = { userId: "user_00000", organizationId: "org_1" };
    const membership = (id: string) => ({
      ...membershipJson({ id, ...ids }),
      id,
      created_at: start,
    });
    clerk.memberships = Array.from({ length: 25 }, (_, n) => membership(`orgmem_${n}`));
    await run();
    clerk.memberships.splice(3, 1);
    expect((await run()).counts.memberships).toMatchObject({ extra: 1, repaired: 1 });
    const row = await database().prisma.membership.findUnique({ where: { id: "orgmem_3" } });
    expect(row).toMatchObject({ deleted: true, userId: "user_00000" });
  });
});

describe("a list that changes while it is read", () => {
  test("a reconciliation reads a list completely although objects before its offset are deleted meanwhile", async () => {
    const organizations = Array.from({ length: 1_400 }, (_, n) => ({
      ...organizationJson({ id: `org_${n}` }),
      id: `org_${n}`,
      created_at: start + n,
    }));
    clerk.organizations = [...organizations];
    let pages = 0;
    clerk.intercept = (_response, url) => {
      if (url.pathname === "/v1/organizations" && ++pages === 2) clerk.organizations.splice(0, 60);
      return false;
    };
    await run();
    const last = await database().prisma.organization.count({
      where: { id: { in: organizations.slice(60).map(({ id }) => id) } },
    });
    expect(last).toBe(1_340);
  });
});

describe("a failing Clerk", () => {
  const once = (answer: (response: ServerResponse) => void, times = 1) => {
    let left = times;
    clerk.intercept = (response, url) => {
      if (url.pathname !== "/v1/users" || left-- <= 0) return false;
      answer(response);
      return true;
    };
  };

  test("after a 429, a reconciliation repeats the call when the Retry-After time has passed", async () => {
    clerk.users = people(3);
    once((response) =>
      answerJson(response, 429, clerkError("too_many_requests"), { "retry-after": "1" }),
    );
    const before = performance.now();
    expect(await run()).toMatchObject({ status: "done" });
    expect(performance.now() - before).toBeGreaterThan(1_000);
    expect(await countUsers()).toBe(3);
  });

  test("a reconciliation repeats calls that failed twice with 500, until they succeed", async () => {
    clerk.users = people(3);
    once((response) => answerJson(response, 500, clerkError("oops")), 2);
    expect(await run()).toMatchObject({ status: "done" });
  });

  test.each<[string, (response: ServerResponse) => void, string]>([
    ["that is down", (response) => response.destroy(), "cannot be reached"],
    ["that is slow", () => undefined, "did not answer within 0.5 s"],
    [
      "that answers 500",
      (response) => answerJson(response, 500, clerkError("oops")),
      "answers 500",
    ],
    [
      "that answers HTML",
      (response) => response.end("<html>"),
      "not what its Backend API promises",
    ],
    [
      "that answers other JSON",
      (response) => answerJson(response, 200, [{ id: 7 }]),
      "not what its Backend API",
    ],
    [
      "that refuses the key",
      (response) => answerJson(response, 401, clerkError("no")),
      "CLERK_SECRET_KEY",
    ],
  ])(
    "a reconciliation of a Clerk instance %s is paused after a whole page with the reason, and can be resumed",
    async (_, answer, reason) => {
      clerk.users = people(600);
      let pages = 0;
      clerk.intercept = (response, url) => {
        if (url.pathname !== "/v1/users" || ++pages === 1) return false;
        answer(response);
        return true;
      };
      const paused = await run();
      expect(paused).toMatchObject({ status: "paused", reason: expect.stringContaining(reason) });
      expect(await countUsers()).toBe(500);
      clerk.intercept = null;
      const resumed = await run();
      expect(resumed).toMatchObject({ status: "done", isResumed: true, runId: paused.runId });
      expect(await countUsers()).toBe(600);
    },
  );
});

describe("runs", () => {
  test("a reconciliation is refused while another reconciliation holds the lease", async () => {
    const lease = await takeLease();
    await expect(run()).rejects.toThrow(LeaseTaken);
    await lease.release();
    expect(await run()).toMatchObject({ status: "done" });
  });

  const onSecondPage = (act: () => unknown) => {
    let pages = 0;
    clerk.intercept = (_response, { pathname }) => {
      if (pathname === "/v1/users" && ++pages === 2) void act();
      return false;
    };
  };

  test("a reconciliation whose signal is aborted pauses between two pages, and can be resumed", async () => {
    clerk.users = people(1_600);
    const stop = new AbortController();
    onSecondPage(() => stop.abort());
    expect(await run({ signal: stop.signal })).toMatchObject({
      status: "paused",
      reason: expect.stringContaining("continues from here"),
    });
    expect(await countUsers()).toBeLessThan(1_600);
    expect(await run()).toMatchObject({ status: "done", isResumed: true });
    expect(await countUsers()).toBe(1_600);
  });

  test("a reconciliation that loses its lease pauses, because another run may hold the lease", async () => {
    clerk.users = people(1_600);
    onSecondPage(() =>
      sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rollcall sync' AND datname = current_database()",
      ),
    );
    expect(await run({ calls: { ...fast, perTenSeconds: 100 } })).toMatchObject({
      status: "paused",
    });
    expect(await run()).toMatchObject({ status: "done", isResumed: true });
  });

  test("a reconciliation killed with SIGKILL is resumed at the page where it stopped", async () => {
    clerk.users = people(1_200);
    let pages = 0;
    const second = new Promise<void>((resolve) => {
      // The stub never responds to the request for the second page.
      clerk.intercept = (_response, { pathname }) => {
        if (pathname !== "/v1/users" || ++pages < 2) return false;
        resolve();
        return true;
      };
    });
    const child = spawn(process.execPath, ["--import", "tsx", "lib/command/sync.ts"], {
      stdio: "ignore",
    });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    await second;
    expect(await database().prisma.syncRun.findFirst()).toMatchObject({ status: "running" });
    child.kill("SIGKILL");
    await ended;
    clerk.intercept = null;
    clerk.requests.length = 0;
    expect(await run()).toMatchObject({ status: "done", isResumed: true });
    expect(clerk.requests.filter((request) => request === "GET /v1/users")).toHaveLength(2);
    expect(await countUsers()).toBe(1_200);
    expect(await database().prisma.syncRun.count()).toBe(1);
  }, 60_000);
});
