import { beforeEach, expect, test } from "vitest";
import { clerkId, deletedJson, event, userJson } from "@/dev/testing/clerk-payloads";
import { sendWebhook } from "@/dev/testing/webhook";
import { database } from "../../db";
import { runErasures } from "../../erasure/erase";
import { createPartitions, dropPartitions } from "./partitions";
import { findReplayable } from "./replay";

const sql = (text: string, values: unknown[] = []) => database().pool.query(text, values);
const DAY = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY);

async function partitions(): Promise<{ name: string; starts: Date | null; ends: Date }[]> {
  return (await sql("SELECT * FROM delivery_partitions()")).rows;
}

const partitionOf = async (svixId: string) =>
  (
    await sql("SELECT tableoid::regclass::text AS name FROM deliveries WHERE svix_id = $1", [
      svixId,
    ])
  ).rows[0]?.name;

/** Sends an event without an effect. Resolves to its svix-id. */
async function send(svixId = clerkId("msg")): Promise<string> {
  expect(await sendWebhook(event("unheard.of", { id: "x_1" }), { id: svixId })).toBe(200);
  return svixId;
}

/** Drops every partition but the default one, as if the worker had not run for weeks. */
async function runOut(): Promise<void> {
  for (const { name } of await partitions()) await sql(`DROP TABLE ${name}`);
}

beforeEach(async () => {
  await sql("TRUNCATE deliveries, users, versions CASCADE");
  await runOut();
  await createPartitions("week");
});

test("the partitions cover the next four weeks without a gap, and a second call creates none", async () => {
  const all = await partitions();
  expect(all.length).toBeGreaterThanOrEqual(5);
  for (const [index, { starts }] of all.entries()) {
    if (index > 0) expect(starts).toEqual(all[index - 1]?.ends);
  }
  expect(all.at(-1)?.ends.getTime()).toBeGreaterThan(inDays(28).getTime());
  expect(await createPartitions("week")).toBe(0);
});

test("after a change of the interval, later partitions have the new one", async () => {
  const [before] = (await partitions()).slice(-1);
  await sql("SELECT create_delivery_partitions('month', now() + interval '90 days')");
  const added = (await partitions()).filter(({ ends }) => before && ends > before.ends);
  expect(added[0]?.starts).toEqual(before?.ends);
  for (const { ends } of added) expect(ends.getUTCDate()).toBe(1);
});

test("a message that comes again after its partition was dropped is a duplicate, and another message with its id a conflict", async () => {
  const id = clerkId("user");
  const payload = event("user.created", userJson({ id }));
  await sendWebhook(payload, { id: "msg_old" });
  expect(await dropPartitions(inDays(7))).toBe(1);
  expect(await database().prisma.delivery.count()).toBe(0);

  expect(await sendWebhook(payload, { id: "msg_old" })).toBe(200);
  await sendWebhook(event("user.created", userJson({ id, first_name: "Eve" })), { id: "msg_old" });
  expect(await database().prisma.delivery.count()).toBe(0);
  expect(await database().prisma.version.count()).toBe(1);
  expect(await database().prisma.user.findUnique({ where: { id } })).toMatchObject({
    firstName: "Ada",
  });
  const { rows } = await sql("SELECT action FROM audit_log WHERE subject = 'msg_old'");
  expect(rows).toEqual([{ action: "delivery.conflict" }]);
});

test("a statement with one delivery that was received before inserts none of its deliveries", async () => {
  const insert = (ids: string[]) =>
    sql(
      "INSERT INTO deliveries (svix_id, sha256, outcome) SELECT id, '', 'ignored' FROM unnest($1::text[]) AS id",
      [ids],
    );
  await insert(["msg_1", "msg_2"]);
  const refused = { code: "23505", table: "deliveries" };
  for (const ids of [["msg_3", "msg_1"], ["msg_1"], ["msg_3", "msg_3"]])
    await expect(insert(ids)).rejects.toMatchObject(refused);
  expect(await database().prisma.delivery.count()).toBe(2);
  expect(await database().prisma.deliveryId.count()).toBe(2);
});

test("retention drops whole partitions: none of which a part is younger than the cutoff, and none with a pending delivery", async () => {
  const [first] = await partitions();
  if (!first) throw new Error("no partition");
  const id = await send();
  expect(await partitionOf(id)).toBe(first.name);
  expect(await dropPartitions(new Date(first.ends.getTime() - 1))).toBe(0);
  await sql("UPDATE deliveries SET outcome = 'pending'");
  expect(await dropPartitions(first.ends)).toBe(0);
  await sql("UPDATE deliveries SET outcome = 'applied'");
  expect(await dropPartitions(first.ends)).toBe(1);
  expect((await partitions()).map(({ name }) => name)).not.toContain(first.name);
});

test("webhooks are answered while a drop waits for a long transaction", async () => {
  const [first] = await partitions();
  if (!first) throw new Error("no partition");
  const reader = await database().pool.connect();
  await reader.query("BEGIN");
  await reader.query("SELECT count(*) FROM deliveries");
  const dropping = dropPartitions(first.ends);
  const startedAt = performance.now();
  for (let sent = 0; sent < 20; sent += 1) await send();
  expect(performance.now() - startedAt).toBeLessThan(4_000);
  await reader.query("COMMIT");
  reader.release();
  expect(await dropping).toBe(1);
});

test("without a partition, webhooks are stored in the default one, and later partitions begin after them", async () => {
  await runOut();
  const id = await send();
  expect(await partitionOf(id)).toBe("deliveries_default");
  expect(await createPartitions("week")).toBeGreaterThan(0);
  const [next] = await partitions();
  expect(next?.starts?.getTime()).toBeGreaterThan(Date.now());
  expect(await partitionOf(await send())).toBe("deliveries_default");
  expect(await database().prisma.delivery.count()).toBe(2);
  await sendWebhook(event("unheard.of", { id: "x_1" }), { id });
  expect(await database().prisma.delivery.count()).toBe(2);
});

test("a replay reads the deliveries of all partitions, oldest first, page by page", async () => {
  const ids: string[] = [];
  for (const days of [200, 0, -8, 9, -15]) {
    const id = await send();
    ids.push(id);
    await sql(
      "UPDATE deliveries SET received_at = now() - $1 * interval '1 day' WHERE svix_id = $2",
      [days, id],
    );
  }
  expect(new Set(await Promise.all(ids.map(partitionOf))).size).toBe(4);
  const found: string[] = [];
  let after = null;
  do {
    const page = await findReplayable({}, after, 2);
    found.push(...page.map(({ svixId }) => svixId));
    after = page.at(-1) ?? null;
  } while (after);
  expect(found).toEqual([ids[0], ids[3], ids[1], ids[2], ids[4]]);
});

test("an erasure empties the deliveries of a person in every partition", async () => {
  const id = clerkId("user");
  for (const days of [200, 0, -8]) {
    const svixId = clerkId("msg");
    await sendWebhook(event("user.updated", userJson({ id })), { id: svixId });
    await sql(
      "UPDATE deliveries SET received_at = now() - $1 * interval '1 day' WHERE svix_id = $2",
      [days, svixId],
    );
  }
  await sendWebhook(event("user.deleted", deletedJson(id)));
  await runErasures();
  const { prisma } = database();
  expect(await prisma.delivery.count({ where: { userId: id } })).toBe(4);
  expect(await prisma.delivery.count({ where: { body: { not: null } } })).toBe(0);
});

test.each(["svix_id", "object_id", "user_id"])(
  "each partition has an index for %s",
  async (column) => {
    const client = await database().pool.connect();
    await client.query("SET enable_seqscan = off");
    const { rows } = await client.query<{ "QUERY PLAN": string }>(
      `EXPLAIN SELECT FROM deliveries WHERE ${column} = 'x'`,
    );
    await client.query("RESET enable_seqscan");
    client.release();
    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    expect(plan).not.toContain("Seq Scan");
    expect(plan.match(/Index (Only )?Scan/g)?.length).toBeGreaterThanOrEqual(5);
  },
);
