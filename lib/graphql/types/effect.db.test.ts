/** Tests effect handlers and dead letters through the real route: counts, lists, replays, and who may replay. */
import { beforeAll, beforeEach, expect, test } from "vitest";
import { startClerkWithAdmins } from "@/dev/testing/admins-at-clerk";
import { clerkId } from "@/dev/testing/clerk-payloads";
import { askGraphQL } from "@/dev/testing/graphql";
import { caughtUp, listening } from "@/dev/testing/listening";
import { mirrorAdmin, mirrorUser } from "@/dev/testing/mirror";
import { database } from "../../db";

const [admin, member] = [clerkId("user"), clerkId("user")];
await startClerkWithAdmins(admin);
const sql = (text: string, values: unknown[] = []) => database().pool.query(text, values);

beforeAll(async () => {
  await listening();
  await mirrorAdmin(admin);
  await mirrorUser(member);
  await caughtUp();
});

beforeEach(async () => {
  await sql("TRUNCATE effect_jobs");
  await sql(
    `INSERT INTO effect_jobs (handler, object_table, object_id, change, cause, key, occurred_at, run_at, attempts, done_at, dead_at, error)
     SELECT 'greet', 'users', 'user_' || n, 'created', 'webhook', 'greet:' || n, now(), now() - n * interval '4 minutes', n,
       CASE WHEN n = 5 THEN now() END, CASE WHEN n <= 2 THEN now() - n * interval '1 h' END, 'TypeError'
     FROM generate_series(1, 5) n`,
  );
});

const send = (
  query: string,
  variables: object = {},
  claims: Record<string, unknown> = { sub: admin },
) => askGraphQL(claims, query, variables);

const REPLAY = `mutation ($handler: String!, $id: ID, $reason: String!) {
  replayDeadEffects(handler: $handler, id: $id, reason: $reason) }`;
const deadIds = async (handler: string | null = null): Promise<string[]> =>
  (
    await send("query ($h: String) { deadEffects(handler: $h) { id } }", { h: handler })
  ).data.deadEffects.map(({ id }: { id: string }) => id);

test("effectHandlers counts a handler's pending, late, dead and done jobs, even if this release lacks the handler", async () => {
  const { data } = await send(
    "{ effectHandlers { name isRunning pending late dead done oldestPendingAt } }",
  );
  expect(data.effectHandlers).toContainEqual(
    expect.objectContaining({
      name: "greet",
      isRunning: false,
      pending: 2,
      late: 2,
      dead: 2,
      done: 1,
    }),
  );
});

test("replayDeadEffects runs one or all dead letters of a handler again, and audits the actor and the reason", async () => {
  const [newest] = await deadIds();
  expect(await deadIds("greet")).toHaveLength(2);
  expect(await deadIds("other")).toEqual([]);
  const one = { handler: "greet", id: newest, reason: "mail server is back" };
  expect((await send(REPLAY, one)).data.replayDeadEffects).toBe(1);
  expect(await deadIds()).toHaveLength(1);
  // A second replay of the same job changes nothing, because the job is already pending.
  expect((await send(REPLAY, one)).data.replayDeadEffects).toBe(0);
  expect((await send(REPLAY, { handler: "greet", reason: "all" })).data.replayDeadEffects).toBe(1);
  expect(await deadIds()).toEqual([]);
  const { rows } = await sql(
    "SELECT actor, subject, detail FROM audit_log WHERE action = 'effects.dead-replayed' ORDER BY id",
  );
  expect(rows).toEqual([
    {
      actor: admin,
      subject: "greet",
      detail: { count: 1, job: newest, reason: "mail server is back" },
    },
    { actor: admin, subject: "greet", detail: { count: 1, reason: "all" } },
  ]);
});

test("replayDeadEffects is refused for bad input, to a member, and in an impersonated session", async () => {
  for (const variables of [
    { handler: "greet", reason: "" },
    { handler: "greet", id: "x", reason: "x" },
    { handler: "greet", id: "9".repeat(10_000), reason: "x" },
    { handler: "greet\u0000", reason: "x" },
  ])
    expect(await send(REPLAY, variables)).toMatchObject({
      errors: [{ extensions: { code: "BAD_USER_INPUT" } }],
    });
  for (const claims of [{ sub: member }, { sub: admin, act: { sub: member } }])
    expect(await send(REPLAY, { handler: "greet", reason: "x" }, claims)).toMatchObject({
      errors: [{ extensions: { code: "FORBIDDEN" } }],
    });
  expect(await deadIds()).toHaveLength(2);
});

test("feedEndpoints returns an endpoint without its secrets and without the query of its URL", async () => {
  await sql(
    `INSERT INTO feed_endpoints (name, url, secrets, kinds) VALUES ('crm', 'https://crm.example/hook?token=hidden', '{whsec_hidden}', '{user}')`,
  );
  const { data } = await send("{ feedEndpoints { name url kinds lastSuccessAt } }");
  expect(data.feedEndpoints).toEqual([
    { name: "crm", url: "https://crm.example/hook?…", kinds: ["user"], lastSuccessAt: null },
  ]);
});

test("an admin disables and enables an endpoint of the change feed; the audit log says who and why", async () => {
  const disabledAt = async () =>
    (await send("{ feedEndpoints { disabledAt disabledReason } }")).data.feedEndpoints[0];
  await send('mutation { disableFeedEndpoint(name: "crm", reason: "moving") }');
  expect(await disabledAt()).toMatchObject({ disabledReason: "command" });
  const { data } = await send('mutation { enableFeedEndpoint(name: "crm", reason: "moved") }');
  expect(data.enableFeedEndpoint).toBe(0);
  expect(await disabledAt()).toEqual({ disabledAt: null, disabledReason: null });
  const { rows } = await sql(
    "SELECT actor, action, detail, session_id FROM audit_log WHERE subject = 'crm' ORDER BY id",
  );
  expect(rows).toEqual([
    {
      ...{ actor: admin, action: "feed.disabled", detail: { reason: "moving" } },
      session_id: "sess_test",
    },
    {
      ...{ actor: admin, action: "feed.enabled", detail: { reason: "moved" } },
      session_id: "sess_test",
    },
  ]);
});
