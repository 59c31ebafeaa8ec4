/**
 * Tests that the runner runs the jobs of each object in order, retries failed jobs, and does not let one handler delay another.
 */
import { beforeEach, expect, test } from "vitest";
import { clerkId, deletedJson, event, userJson } from "@/dev/testing/clerk-payloads";
import { sendWebhook } from "@/dev/testing/webhook";
import { database } from "../db";
import { type Handler, type HandlerOptions, onUser } from "./effect";
import { createRegistry, type HandlerFamily } from "./registry";
import { EffectRunner } from "./runner";
import { subscribe, subscribeHandlers } from "./subscribers";

const { pool, prisma } = database();
const T = 1_790_000_000_000;
const never = new AbortController().signal;

beforeEach(async () => {
  await pool.query(
    "TRUNCATE users, organizations, memberships, invitations, versions, deliveries, effect_jobs, effect_subscribers CASCADE",
  );
});

const send = async (type: string, data: object, timestamp = T) =>
  expect(await sendWebhook(event(type, data, timestamp))).toBe(200);

async function update(id: string, count: number): Promise<void> {
  for (let at = 1; at <= count; at += 1) {
    await send(
      "user.updated",
      userJson({ id, first_name: `Ada ${at}`, updated_at: T + at }),
      T + at,
    );
  }
}

async function register(...handlers: Handler[]) {
  const registry = createRegistry(handlers);
  await subscribeHandlers(registry);
  return registry;
}

const runDue = (registry: ReturnType<typeof createRegistry>, options = {}) =>
  new EffectRunner(registry, options).runDue(never);

/** Returns a promise with its `resolve` and `reject`, like `Promise.withResolvers`, which Node 20 does not have. */
function deferred() {
  let resolve: () => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<void>((done, fail) => {
    [resolve, reject] = [done, fail];
  });
  return { promise, resolve, reject };
}

/** Handler options that retry without a delay. */
const atOnce: HandlerOptions = { backoffMs: () => 0 };

const jobs = () => prisma.effectJob.findMany({ orderBy: { id: "asc" } });

test("a handler receives the object before and after the change with dates, the changed attribute names, the key and the cause", async () => {
  const seen: unknown[] = [];
  const registry = await register(
    onUser("created", "welcome", async (effect) => {
      seen.push(["created", effect.current.firstName, effect.current.createdAt, effect.previous]);
    }),
    onUser("updated", "rename", async ({ previous, current, changed, key, cause }) => {
      seen.push([previous.firstName, current.firstName, changed, cause, key.split(":")[0]]);
    }),
    onUser("deleted", "goodbye", async ({ previous, current, occurredAt }) => {
      seen.push(["deleted", previous.email, current, occurredAt]);
    }),
  );
  const id = clerkId("user");
  await send("user.created", userJson({ id }));
  await update(id, 1);
  await send("user.deleted", deletedJson(id), T + 2);
  for (let tries = 0; tries < 3; tries += 1) await runDue(registry);
  expect(seen).toHaveLength(3);
  expect(seen).toEqual(
    expect.arrayContaining([
      ["created", "Ada", new Date(T), null],
      ["Ada", "Ada 1", ["firstName", "updatedAt"], "webhook", "rename"],
      ["deleted", `${id}@example.com`, null, new Date(T + 2)],
    ]),
  );
  expect((await jobs()).map(({ doneAt }) => doneAt === null)).toEqual([false, false, false]);
});

test("the updates of each object run in their order, even when the first try of an update fails", async () => {
  const seen = new Map<string, (string | null)[]>();
  let failures = 3;
  const registry = await register(
    onUser(
      "updated",
      "audit",
      async ({ current }) => {
        await new Promise(setImmediate);
        if (failures > 0) {
          failures -= 1;
          throw new Error("not yet");
        }
        seen.set(current.id, [...(seen.get(current.id) ?? []), current.firstName]);
      },
      atOnce,
    ),
  );
  const ids = [clerkId("user"), clerkId("user"), clerkId("user")];
  for (const id of ids) await send("user.created", userJson({ id }));
  await Promise.all(ids.map((id) => update(id, 5)));
  await runDue(registry);
  const names = ["Ada 1", "Ada 2", "Ada 3", "Ada 4", "Ada 5"];
  for (const id of ids) expect(seen.get(id)).toEqual(names);
});

test.each<[string, () => Promise<void>, string]>([
  ["an error", () => Promise.reject(new TypeError("with ada@example.com")), "TypeError"],
  ["a text", () => Promise.reject("ada@example.com"), "threw a value of type string"],
  ["null", () => Promise.reject(null), "threw null"],
  ["undefined", () => Promise.reject(undefined), "threw a value of type undefined"],
  [
    "an error without a promise",
    () => {
      throw new RangeError("x");
    },
    "RangeError",
  ],
])(
  "a handler that throws %s is tried 8 times, then its job is a dead letter",
  async (_, fail, error) => {
    const keys: string[] = [];
    const registry = await register(
      onUser(
        "created",
        "welcome",
        ({ key }) => {
          keys.push(key);
          return fail();
        },
        atOnce,
      ),
    );
    await send("user.created", userJson({ id: clerkId("user") }));
    await runDue(registry);
    expect(keys).toHaveLength(8);
    expect(new Set(keys).size).toBe(1);
    expect(await jobs()).toMatchObject([
      { attempts: 8, doneAt: null, deadAt: expect.any(Date), error, lockedUntil: null },
    ]);
  },
);

test("a dead letter does not stop later jobs of the same object and handler", async () => {
  const seen: (string | null)[] = [];
  const registry = await register(
    onUser(
      "updated",
      "audit",
      async ({ current }) => {
        if (current.firstName === "Ada 1") throw new Error("never");
        seen.push(current.firstName);
      },
      atOnce,
    ),
  );
  const id = clerkId("user");
  await send("user.created", userJson({ id }));
  await update(id, 3);
  await runDue(registry);
  expect(seen).toEqual(["Ada 2", "Ada 3"]);
});

test("later jobs of an object wait until a failed job of that object is retried, and jobs of other objects run at once", async () => {
  const seen: string[] = [];
  const [failing, other] = [clerkId("user"), clerkId("user")];
  const registry = await register(
    onUser("updated", "audit", async ({ current }) => {
      if (current.id === failing) throw new Error("not yet");
      seen.push(current.id);
    }),
  );
  for (const id of [failing, other]) await send("user.created", userJson({ id }));
  await update(failing, 2);
  await update(other, 1);
  await runDue(registry);
  expect(seen).toEqual([other]);
  const [first, second] = await jobs();
  expect(first).toMatchObject({ attempts: 1, error: "Error" });
  const delay = (first?.runAt.getTime() ?? 0) - Date.now();
  expect(delay).toBeGreaterThan(500);
  expect(delay).toBeLessThanOrEqual(2_000);
  expect(second).toMatchObject({ attempts: 0, doneAt: null });
});

test("a handler that hangs fails at its deadline and its signal is aborted; its later return is ignored", async () => {
  const late = deferred();
  const aborted: boolean[] = [];
  const registry = await register(
    onUser(
      "created",
      "welcome",
      async ({ signal }) => {
        signal.addEventListener("abort", () => aborted.push(signal.aborted));
        await late.promise;
      },
      { deadlineMs: 50, maxAttempts: 2, backoffMs: () => 0 },
    ),
  );
  await send("user.created", userJson({ id: clerkId("user") }));
  await runDue(registry);
  expect(aborted).toEqual([true, true]);
  late.resolve();
  await runDue(registry);
  expect(await jobs()).toMatchObject([{ attempts: 2, doneAt: null, error: "DeadlineExceeded" }]);
});

test("a handler that hangs does not delay other handlers", async () => {
  const hang = deferred();
  const welcomed: string[] = [];
  const registry = await register(
    onUser("created", "hangs", () => hang.promise),
    onUser("created", "welcome", async ({ current }) => void welcomed.push(current.id)),
  );
  const ids = Array.from({ length: 20 }, () => clerkId("user"));
  for (const id of ids) await send("user.created", userJson({ id }));
  const running = runDue(registry);
  await expect.poll(() => welcomed.length).toBe(20);
  hang.resolve();
  await running;
});

test("the jobs of a removed handler stay pending, and run when the handler is registered again", async () => {
  const seen: string[] = [];
  const removed = onUser("created", "removed", async ({ key }) => void seen.push(key));
  await register(removed);
  const kept = await register(onUser("created", "kept", async ({ key }) => void seen.push(key)));
  const id = clerkId("user");
  await send("user.created", userJson({ id }));
  await runDue(kept);
  expect(seen).toEqual([`kept:${id}:created`]);
  await runDue(createRegistry([removed]));
  expect(seen).toEqual([`kept:${id}:created`, `removed:${id}:created`]);
});

test("the run function of a handler family is called with the member's name for each change after the member was subscribed", async () => {
  const seen: string[] = [];
  const feed: HandlerFamily = {
    prefix: "feed:",
    run: async (name, { table, change }) => void seen.push(`${name} ${table} ${change}`),
  };
  await send("user.created", userJson({ id: clerkId("user") }));
  await subscribe(pool, "feed:partner", [{ table: "users", change: "created" }]);
  await send("user.created", userJson({ id: clerkId("user") }));
  await runDue(createRegistry([], [feed]));
  expect(seen).toEqual(["feed:partner users created"]);
});

test("another runner takes over a killed runner's job when the lease has expired, and the first runner's late result is ignored", async () => {
  const hang = deferred();
  const started = deferred();
  const handler = onUser("created", "welcome", () => {
    started.resolve();
    return hang.promise;
  });
  const registry = await register(handler);
  await send("user.created", userJson({ id: clerkId("user") }));
  const killed = runDue(registry);
  await started.promise;
  // Simulates a killed process: the lease has expired and nothing renews it.
  await pool.query(
    "UPDATE effect_jobs SET locked_until = now() - interval '1 ms', locked_by = 'killed'",
  );
  const seen: string[] = [];
  await runDue(
    createRegistry([onUser("created", "welcome", async ({ key }) => void seen.push(key))]),
  );
  expect(seen).toHaveLength(1);
  const [done] = await jobs();
  hang.reject(new Error("late"));
  await killed;
  expect(await jobs()).toEqual([done]);
});

test("a runner renews the lease of a job that takes longer than the lease, so that no other runner runs the job again", async () => {
  const hang = deferred();
  const started = deferred();
  let calls = 0;
  const registry = await register(
    onUser("created", "welcome", () => {
      calls += 1;
      started.resolve();
      return hang.promise;
    }),
  );
  await send("user.created", userJson({ id: clerkId("user") }));
  const running = runDue(registry, { leaseMs: 300 });
  await started.promise;
  const [{ lockedUntil: first } = { lockedUntil: null }] = await jobs();
  await expect
    .poll(async () => (await jobs())[0]?.lockedUntil?.getTime() ?? 0)
    .toBeGreaterThan((first?.getTime() ?? 0) + 300);
  await runDue(registry);
  expect(calls).toBe(1);
  hang.resolve();
  await running;
});

test("a handler's signal is aborted when another runner has taken over the job", async () => {
  const started = deferred();
  const aborted = deferred();
  const registry = await register(
    onUser("created", "welcome", async ({ signal }) => {
      started.resolve();
      signal.addEventListener("abort", () => aborted.resolve());
      await aborted.promise;
      signal.throwIfAborted();
    }),
  );
  await send("user.created", userJson({ id: clerkId("user") }));
  const running = runDue(registry, { leaseMs: 150 });
  await started.promise;
  await pool.query(
    "UPDATE effect_jobs SET locked_by = 'another', locked_until = now() + interval '1 min'",
  );
  const [taken] = await jobs();
  await aborted.promise;
  await running;
  expect(await jobs()).toEqual([taken]);
});

test("a handler's signal is aborted when the lease of its job could not be renewed, and the job runs again", async () => {
  const reasons: string[] = [];
  await pool.query(
    `CREATE FUNCTION refuse_renewal() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no renewal'; END $$;
     CREATE TRIGGER refuse_renewal BEFORE UPDATE ON effect_jobs FOR EACH ROW WHEN (OLD.locked_by = NEW.locked_by)
       EXECUTE FUNCTION refuse_renewal()`,
  );
  const registry = await register(
    onUser(
      "created",
      "welcome",
      async ({ signal }) => {
        if (reasons.length > 0) return;
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        reasons.push(signal.reason.name);
        signal.throwIfAborted();
      },
      atOnce,
    ),
  );
  await send("user.created", userJson({ id: clerkId("user") }));
  await runDue(registry, { leaseMs: 150 });
  await pool.query("DROP FUNCTION refuse_renewal CASCADE");
  expect(reasons).toEqual(["LeaseLost"]);
  expect(await jobs()).toMatchObject([{ doneAt: expect.any(Date) }]);
});

test("two runners run each job once, and the jobs of one object in order", async () => {
  const seen: string[] = [];
  const registry = await register(
    onUser("updated", "audit", async ({ current }) => {
      seen.push(`${current.id} ${current.updatedAt?.getTime()}`);
      await new Promise(setImmediate);
    }),
  );
  const ids = Array.from({ length: 5 }, () => clerkId("user"));
  for (const id of ids) await send("user.created", userJson({ id }));
  await Promise.all(ids.map((id) => update(id, 4)));
  while ((await prisma.effectJob.count({ where: { doneAt: null } })) > 0) {
    await Promise.all([runDue(registry), runDue(registry)]);
  }
  expect(seen).toHaveLength(20);
  for (const id of ids) {
    const own = seen.filter((line) => line.startsWith(id));
    expect(own).toEqual([1, 2, 3, 4].map((at) => `${id} ${T + at}`));
  }
});

test("deleting a user clears the user's data from finished jobs", async () => {
  const registry = await register(
    onUser("created", "welcome", async () => undefined),
    onUser("deleted", "goodbye", async () => undefined),
  );
  const id = clerkId("user");
  await send("user.created", userJson({ id }));
  await runDue(registry);
  await send("user.deleted", deletedJson(id), T + 1);
  expect(await jobs()).toMatchObject([
    { previous: null, current: null },
    { previous: { id }, current: null },
  ]);
  await runDue(registry);
  expect((await jobs()).map(({ previous, current }) => [previous, current])).toEqual([
    [null, null],
    [null, null],
  ]);
});
