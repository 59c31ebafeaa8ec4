/**
 * Tests that all deliveries with one svix-id together cause one row in the inbox, one write to the mirror, one version and one
 * notification.
 */
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { type Moment, startStatementFaults } from "@/dev/prove/statement-faults";
import { clerkId, event, userJson } from "@/dev/testing/clerk-payloads";
import { svixHeaders } from "@/dev/testing/sign";
import { postWebhook } from "@/dev/testing/webhook";
import { database } from "../../db";

const IDS = 50;
const COPIES = 50;
const AT_A_TIME = 5;

const directUrl = process.env.DATABASE_URL ?? "";
const faults = await startStatementFaults(directUrl);
process.env.DATABASE_URL = faults.url;
const direct = new pg.Pool({ connectionString: directUrl });
const listenClient = new pg.Client({ connectionString: directUrl });
const notification = z.object({ table: z.string(), ids: z.array(z.string()) });
const notifiedIds: string[] = [];

beforeAll(async () => {
  await listenClient.connect();
  listenClient.on("notification", ({ payload }) => {
    const { table, ids } = notification.parse(JSON.parse(payload ?? ""));
    if (table === "users") notifiedIds.push(...ids);
  });
  await listenClient.query("LISTEN rollcall");
});
afterAll(async () => {
  await database().pool.end();
  await direct.end();
  await listenClient.end();
  await faults.close();
});

type Case = { svixId: string; userId: string; body: string; headers: Record<string, string> };

const secret = process.env.CLERK_WEBHOOK_SIGNING_SECRET ?? "";

const makeCases = (): Case[] =>
  Array.from({ length: IDS }, () => {
    const [svixId, userId] = [clerkId("msg"), clerkId("user")];
    const body = JSON.stringify(event("user.created", userJson({ id: userId })));
    return { svixId, userId, body, headers: svixHeaders(body, secret, { id: svixId }) };
  });

const send = async ({ body, headers }: Case) => (await postWebhook(body, headers)).status;

async function expectOneEffect(cases: Case[]) {
  const ids = cases.map(({ svixId }) => svixId);
  const userIds = cases.map(({ userId }) => userId);
  const { prisma } = database();
  const live = { id: { in: userIds }, deleted: false, version: { gt: 0 } };
  expect(await prisma.user.count({ where: live })).toBe(IDS);
  const stored = { svixId: { in: ids }, outcome: "applied" };
  expect(await prisma.delivery.count({ where: stored })).toBe(IDS);
  expect(await prisma.version.count({ where: { objectId: { in: userIds } } })).toBe(IDS);
  // Waits for the notifications of earlier commits: Postgres sends them before the response to this query.
  await listenClient.query("SELECT 1");
  expect(notifiedIds.filter((id) => userIds.includes(id)).sort()).toEqual(userIds.sort());
}

test(`${IDS} ids, each sent ${COPIES} times in parallel, have one effect each`, async () => {
  const cases = makeCases();
  const waiting = cases.values();
  const lane = async () => {
    for (const each of waiting) {
      const answers = await Promise.all(Array.from({ length: COPIES }, () => send(each)));
      expect(new Set(answers)).toEqual(new Set([200]));
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, lane));
  await expectOneEffect(cases);
}, 120_000);

describe(`${IDS} ids have one effect each when the connection is lost`, () => {
  test.each<[Moment, boolean]>([
    ["before commit", false],
    ["after commit", true],
  ])(
    "when the database connection is lost %s, the first try gets 503, the next one 200, and the event is applied once",
    async (moment, isThere) => {
      const cases = makeCases();
      const brokenBefore = faults.broken;
      for (const each of cases) {
        faults.arm(each.svixId, moment);
        expect(await send(each)).toBe(503);
        const find = "SELECT FROM deliveries WHERE svix_id = $1";
        const isStored = async () => (await direct.query(find, [each.svixId])).rowCount === 1;
        if (isThere) await expect.poll(isStored, { interval: 5 }).toBe(true);
        else expect(await isStored()).toBe(false);
        for (let copies = 0; copies < 2; copies += 1) expect(await send(each)).toBe(200);
      }
      expect(faults.broken - brokenBefore).toBe(IDS);
      await expectOneEffect(cases);
    },
    120_000,
  );
});
