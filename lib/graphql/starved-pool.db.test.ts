/** Tests the API's responses while every connection of the pool is in use. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { POST } from "@/app/api/graphql/route";
import { clerkId } from "@/dev/testing/clerk-payloads";
import { caughtUp, listening } from "@/dev/testing/listening";
import { mirrorAdmin } from "@/dev/testing/mirror";
import { signToken } from "@/dev/testing/sign";
import { database } from "../db";

const url = new URL(process.env.DATABASE_URL ?? "");
url.searchParams.set("connection_limit", "4");
url.searchParams.set("pool_timeout", "1");
// The variable is set before the first call of env(), which caches the environment.
process.env.DATABASE_URL = url.href;

const admin = clerkId("user");
const users = "{ users(first: 1) { totalCount } }";
const memberships = "{ viewer { id memberships { role } } }";
const unavailable = { status: 503, retryAfter: "5", code: "UNAVAILABLE" };

beforeAll(async () => {
  await listening();
  await mirrorAdmin(admin);
  // The first call creates the admin's handle, and the second caches the viewer. Later requests need a connection for their
  // fields only.
  await ask(users);
  await caughtUp();
  await ask(users);
});
afterAll(() => database().pool.end());

async function ask(query: string, sub = admin) {
  const token = signToken(process.env.TEST_PRIVATE_KEY ?? "", { sub });
  const request = new Request("https://rollcall.test/api/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  });
  const response = await POST(request);
  const { data, errors } = await response.json();
  const code = errors?.[0].extensions.code;
  return { status: response.status, retryAfter: response.headers.get("retry-after"), data, code };
}

/** Holds every connection of the pool while `work` runs. */
async function starved<Result>(work: () => Promise<Result>): Promise<Result> {
  const { pool } = database();
  const clients = await Promise.all(Array.from({ length: 4 }, () => pool.connect()));
  try {
    return await work();
  } finally {
    for (const client of clients) client.release();
  }
}

test("without a free connection in time, 40 parallel operations return 503 with Retry-After, and later operations return data", async () => {
  expect(await ask(users)).toMatchObject({ status: 200, data: { users: { totalCount: 1 } } });
  const answers = await starved(() =>
    Promise.all(Array.from({ length: 40 }, (_, index) => ask(index % 2 ? users : memberships))),
  );
  for (const answer of answers) expect(answer).toMatchObject(unavailable);
  expect(await ask(users)).toMatchObject({ status: 200, data: { users: { totalCount: 1 } } });
});

test("without a free connection, a request of a viewer who is not cached returns UNAVAILABLE, not UNAUTHENTICATED", async () => {
  expect(await starved(() => ask(users, clerkId("user")))).toMatchObject(unavailable);
});
