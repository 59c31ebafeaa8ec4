import { expect, test } from "vitest";
import type { LiveMessage } from "../live/message";
import type { SessionUser } from "./session-user";
import { SessionUserCache } from "./session-user-cache";

function sessionUser(id: string, organizations: string[] = []): SessionUser {
  return {
    id,
    state: "mirrored",
    email: null,
    username: null,
    phoneNumber: null,
    firstName: null,
    lastName: null,
    imageUrl: null,
    createdAt: null,
    isBanned: false,
    isAdmin: false,
    handle: "member_x",
    isSessionOver: false,
    memberships: organizations.map((organizationId) => ({ id: "m", organizationId, role: null })),
    stubOrganizationIds: [],
  };
}

/**
 * Makes a cache with a stub database, whose queries the test settles, and with a stub listener, through which the test publishes.
 */
function setUp(capacity = 10) {
  const listeners: ((message: LiveMessage) => void)[] = [];
  const listener = {
    isListening: true,
    subscribe: (listener: (message: LiveMessage) => void) => {
      listeners.push(listener);
      return () => undefined;
    },
  };
  const queries: { resolve: (user: SessionUser) => void; reject: (error: Error) => void }[] = [];
  const cache = new SessionUserCache(
    () => new Promise((resolve, reject) => queries.push({ resolve, reject })),
    listener,
    capacity,
  );
  return {
    cache,
    listener,
    queries,
    publish: (message: LiveMessage) => listeners.forEach((listener) => void listener(message)),
    async store(userId: string, sessionId: string, organizations: string[] = []) {
      const found = cache.find(userId, sessionId);
      queries.at(-1)?.resolve(sessionUser(userId, organizations));
      await found;
    },
  };
}

test("parallel lookups of one session share one query, and later lookups run no query", async () => {
  const { cache, queries } = setUp();
  const calls = [cache.find("u", "s"), cache.find("u", "s")];
  queries[0]?.resolve(sessionUser("u"));
  expect(await Promise.all(calls)).toEqual([sessionUser("u"), sessionUser("u")]);
  await cache.find("u", "s");
  expect(queries).toHaveLength(1);
});

test("a failed query is not cached", async () => {
  const { cache, queries } = setUp();
  const calls = [cache.find("u", "s"), cache.find("u", "s")];
  queries[0]?.reject(new Error("down"));
  for (const call of calls) await expect(call).rejects.toThrow("down");
  const again = cache.find("u", "s");
  queries[1]?.resolve(sessionUser("u"));
  expect(await again).toEqual(sessionUser("u"));
});

test.each([{ state: "unknown" as const }, { handle: null }])(
  "a user with %o is not cached",
  async (fields) => {
    const { cache, queries } = setUp();
    const first = cache.find("u", "s");
    queries[0]?.resolve({ ...sessionUser("u"), ...fields });
    await first;
    void cache.find("u", "s");
    expect(queries).toHaveLength(2);
  },
);

test.each<[LiveMessage, number]>([
  [{ table: "users", ids: ["u"] }, 0],
  [{ table: "users", ids: ["other"] }, 1],
  [{ table: "organizations", ids: ["o"] }, 0],
  [{ table: "organizations", ids: ["other"] }, 1],
  [{ table: "memberships", ids: ["m"], users: ["u"], organizations: [] }, 0],
  [{ table: "memberships", ids: ["m"], users: [], organizations: ["o"] }, 1],
  [{ table: "sessions", ids: ["s"], users: [] }, 0],
  [{ table: "sessions", ids: ["other"], users: ["other"] }, 1],
  [{ table: "deliveries", ids: ["d"] }, 1],
  [{ table: "deliveries", flush: true }, 1],
  [{ table: "memberships", flush: true }, 0],
  [{ gap: true }, 0],
])(
  "after the message %o, %i of 1 entries are cached, and a running query's result is cached only if the message cannot affect it",
  async (message, left) => {
    const { cache, queries, store, publish } = setUp();
    await store("u", "s", ["o"]);
    publish(message);
    expect(cache.size).toBe(left);

    publish({ gap: true });
    const early = cache.find("u", "s");
    publish(message);
    const late = cache.find("u", "s");
    for (const { resolve } of queries) resolve(sessionUser("u", ["o"]));
    await Promise.all([early, late]);
    const isOrganization = "table" in message && message.table === "organizations";
    expect(queries).toHaveLength(left === 1 && !isOrganization ? 2 : 3);
  },
);

test("while the listener is disconnected, each lookup runs its own query and ignores the cache", async () => {
  const { cache, listener, queries, store } = setUp();
  await store("u", "s");
  listener.isListening = false;
  void cache.find("u", "s");
  void cache.find("u", "s");
  expect(queries).toHaveLength(3);
});

test("a session id with another user id is a cache miss", async () => {
  const { cache, queries, store } = setUp();
  await store("u", "s");
  void cache.find("v", "s");
  expect(queries).toHaveLength(2);
});

test("the cache holds no more entries than its capacity", async () => {
  const { cache, store } = setUp(2);
  for (const id of ["a", "b", "c", "d"]) await store(id, id);
  expect(cache.size).toBe(2);
});

test("a result that was read before a change is returned but not cached", async () => {
  const { cache, queries, publish } = setUp();
  const early = cache.find("u", "s");
  publish({ table: "users", ids: ["u"] });
  queries[0]?.resolve(sessionUser("u"));
  await early;
  expect(cache.size).toBe(0);
});
