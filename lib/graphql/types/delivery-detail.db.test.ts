/** Tests a single delivery and the actions on deliveries through the real route: reveal, preview, replay, dismiss. */
import { beforeAll, beforeEach, expect, test } from "vitest";
import { startClerkWithAdmins } from "@/dev/testing/admins-at-clerk";
import { clerkId, deletedJson, emailJson, event, userJson } from "@/dev/testing/clerk-payloads";
import { askGraphQL } from "@/dev/testing/graphql";
import { caughtUp, listening } from "@/dev/testing/listening";
import { mirrorAdmin, mirrorUser } from "@/dev/testing/mirror";
import { sendWebhook } from "@/dev/testing/webhook";
import { database } from "../../db";
import { veil } from "../../sync/monitoring/veil";

const [admin, member, other] = [clerkId("user"), clerkId("user"), clerkId("user")];
await startClerkWithAdmins(admin, other);
const sql = (text: string, values: unknown[] = []) => database().pool.query(text, values);

beforeAll(async () => {
  await listening();
  for (const id of [admin, other]) await mirrorAdmin(id);
  await mirrorUser(member);
  await caughtUp();
});

beforeEach(() => sql("TRUNCATE deliveries"));

const send = (
  query: string,
  variables: object = {},
  claims: Record<string, unknown> = { sub: admin },
) => askGraphQL(claims, query, variables);

const DETAIL = `query ($id: ID!) { delivery(id: $id) {
  delivery { id type outcome } headers bodyBytes veiledPayload remedy hasVersions
  change { table objectId kind isLate fields { name before after } } effects { handler change doneAt }
} }`;
const REVEAL = "mutation ($id: ID!) { revealDeliveryPayload(id: $id) { json text } }";
const PREVIEW = `mutation ($selection: DeliverySelection!) { previewReplay(selection: $selection) {
  total effects deliveries { id before after change fields } } }`;
const REPLAY = `mutation ($selection: DeliverySelection!, $reason: String!, $after: String) {
  replayDeliveries(selection: $selection, reason: $reason, after: $after) { count next outcomes { outcome count } } }`;
const DISMISS = `mutation ($selection: DeliverySelection!, $reason: String!) {
  dismissDeliveries(selection: $selection, reason: $reason) }`;

const detail = async (id: string) => (await send(DETAIL, { id })).data.delivery;
const refused = (code: string) => ({ errors: [{ extensions: { code } }] });
const auditOf = async (action: string, actor = admin) =>
  (
    await sql("SELECT * FROM audit_log WHERE action = $1 AND actor = $2 ORDER BY id", [
      action,
      actor,
    ])
  ).rows;
const userOf = async (id: string) =>
  (await sql("SELECT first_name, version::text, deleted FROM users WHERE id = $1", [id])).rows[0];

const AT = 1_790_000_000_000;

async function sendUser(fields: { id: string } & Record<string, unknown>, id: string) {
  expect(await sendWebhook(event("user.updated", userJson(fields)), { id })).toBe(200);
}

test("a delivery has the change that it made, compared with the version before, and the effects that it caused", async () => {
  const id = clerkId("user");
  const ids = { first: `msg_1_${id}`, second: `msg_2_${id}`, late: `msg_0_${id}` };
  await sql(
    "INSERT INTO effect_subscribers (object_table, change, handler) VALUES ('users', 'updated', 'shown') ON CONFLICT DO NOTHING",
  );
  await sendUser({ id, first_name: "Ada", updated_at: AT }, ids.first);
  await sendUser({ id, first_name: "Adele", banned: true, updated_at: AT + 5 }, ids.second);
  await sendUser({ id, first_name: "Late", updated_at: AT + 1 }, ids.late);
  expect(await detail(ids.first)).toMatchObject({ change: { kind: "created", table: "users" } });
  const second = await detail(ids.second);
  expect(second.change).toMatchObject({ kind: "updated", objectId: id, isLate: false });
  expect(second.change.fields).toEqual(
    expect.arrayContaining([
      { name: "first_name", before: "Ada", after: "Adele" },
      { name: "is_banned", before: false, after: true },
    ]),
  );
  expect(second.effects).toMatchObject([{ handler: "shown", change: "updated", doneAt: null }]);
  expect(await detail(ids.late)).toMatchObject({
    delivery: { outcome: "stale" },
    change: { isLate: true },
    effects: [],
  });
  await sql("DELETE FROM effect_subscribers WHERE handler = 'shown'");
});

test("a delivery's payload has ••• in place of personal data, and revealing the payload writes an audit entry", async () => {
  const id = clerkId("user");
  const svixId = `msg_${id}`;
  const email_addresses = [emailJson("idn_veiled", "ada@private.example")];
  await sendUser(
    { id, first_name: "Secretive", email_addresses, public_metadata: { vip: 1 } },
    svixId,
  );
  const shown = JSON.stringify(await detail(svixId));
  for (const text of ["Secretive", "private.example", "vip"])
    expect(JSON.stringify((await detail(svixId)).veiledPayload)).not.toContain(text);
  expect(shown).toContain(id);
  expect(await auditOf("delivery.payload_read")).toEqual([]);
  const { data } = await send(REVEAL, { id: svixId });
  expect(JSON.stringify(data.revealDeliveryPayload.json)).toContain("ada@private.example");
  expect(await auditOf("delivery.payload_read")).toMatchObject([
    { actor: admin, subject: svixId, detail: { type: "user.updated", userId: id } },
  ]);
});

test("veil keeps kinds, ids, numbers and flags, and replaces every other text and all metadata by •••", () => {
  expect(
    veil({
      ...{
        object: "user",
        id: "user_0123456789",
        banned: false,
        created_at: 5,
        name: "Ada",
        x: null,
      },
      ...{ unsafe_metadata: { plan: "pro", seats: 3 }, private_metadata: {}, tags: ["a"], "": "b" },
      status: "active",
    }),
  ).toEqual({
    ...{
      object: "user",
      id: "user_0123456789",
      banned: false,
      created_at: 5,
      name: "•••",
      x: null,
    },
    ...{ unsafe_metadata: { "•••": "•••" }, private_metadata: {}, tags: ["•••"], "": "•••" },
    status: "active",
  });
});

test("revealDeliveryPayload returns a body of 1 MB as JSON and a body that is not JSON as text, and refuses a body past retention", async () => {
  const id = clerkId("user");
  const metadata = { blob: "x".repeat(1_000_000) };
  await sendUser({ id, unsafe_metadata: metadata }, "msg_large");
  expect((await detail("msg_large")).bodyBytes).toBeGreaterThan(1_000_000);
  const large = await send(REVEAL, { id: "msg_large" });
  expect(JSON.stringify(large.data.revealDeliveryPayload.json).length).toBeGreaterThan(1_000_000);
  await sendWebhook("not json", { id: "msg_text" });
  expect(await detail("msg_text")).toMatchObject({ veiledPayload: null, change: null });
  const text = await send(REVEAL, { id: "msg_text" });
  expect(text.data.revealDeliveryPayload).toEqual({ json: null, text: "not json" });
  await sql("UPDATE deliveries SET body = NULL WHERE svix_id = 'msg_text'");
  expect(await detail("msg_text")).toMatchObject({ bodyBytes: null });
  expect(await send(REVEAL, { id: "msg_text" })).toMatchObject(refused("BAD_USER_INPUT"));
  for (const unknown of ["msg_unknown", "\u0000", "x".repeat(10_000), "%"]) {
    expect(await detail(unknown)).toBeNull();
    expect(await send(REVEAL, { id: unknown })).toMatchObject(refused("BAD_USER_INPUT"));
  }
});

test("a preview returns the changes that a replay would make and makes none, and the replay then makes these changes", async () => {
  const id = clerkId("user");
  const svixId = `msg_${id}`;
  await sendUser({ id, first_name: "Ada", updated_at: AT }, svixId);
  await sql("UPDATE users SET first_name = 'Edited', version = 1 WHERE id = $1", [id]);
  await sql("UPDATE deliveries SET outcome = 'dead', attempts = 8 WHERE svix_id = $1", [svixId]);
  const before = [await userOf(id), (await sql("SELECT * FROM deliveries")).rows];
  const selection = { ids: [svixId] };
  expect((await send(PREVIEW, { selection })).data.previewReplay).toMatchObject({
    total: 1,
    deliveries: [
      { id: svixId, before: "dead", after: "applied", change: "updated", fields: ["first_name"] },
    ],
  });
  expect([await userOf(id), (await sql("SELECT * FROM deliveries")).rows]).toEqual(before);
  const { data } = await send(REPLAY, { selection, reason: "  the column is back " });
  expect(data.replayDeliveries).toEqual({
    count: 1,
    next: null,
    outcomes: [{ outcome: "applied", count: 1 }],
  });
  expect(await userOf(id)).toMatchObject({ first_name: "Ada" });
  expect((await auditOf("deliveries.replayed")).at(-1)).toMatchObject({
    subject: svixId,
    detail: { reason: "the column is back", count: 1 },
  });
});

test("a preview reports a delivery that would fail as pending, even after another one that would fail", async () => {
  const ids = [clerkId("user"), clerkId("user")];
  for (const id of ids) await sendUser({ id, first_name: "Ada" }, `msg_${id}`);
  await sql(`DELETE FROM users WHERE id = ANY ($1)`, [ids]);
  await sql("UPDATE deliveries SET outcome = 'pending', attempts = 1");
  await sql("ALTER TABLE users ADD CONSTRAINT refused CHECK (first_name <> 'Ada') NOT VALID");
  try {
    const preview = await send(PREVIEW, { selection: { filter: { outcome: "PENDING" } } });
    expect(preview.data.previewReplay.deliveries).toMatchObject([
      { after: "pending", change: "none" },
      { after: "pending", change: "none" },
    ]);
  } finally {
    await sql("ALTER TABLE users DROP CONSTRAINT refused");
  }
  expect((await sql("SELECT attempts FROM deliveries")).rows).toEqual([
    { attempts: 1 },
    { attempts: 1 },
  ]);
});

test("all dead letters of a filter are replayed in batches, and two admins can replay the same batch at the same time", async () => {
  const id = clerkId("user");
  await sendUser({ id, first_name: "Ada", updated_at: AT }, "msg_real");
  await sql(
    `INSERT INTO deliveries (svix_id, sha256, body, outcome, type, received_at)
     SELECT 'msg_' || n, sha256, body, 'dead', type, now() - n * interval '1 s'
     FROM deliveries, generate_series(1, 250) n WHERE svix_id = 'msg_real'`,
  );
  await sendWebhook(event("user.deleted", deletedJson(id)), { id: "msg_gone" });
  const selection = { filter: { outcome: "DEAD" } };
  const replay = (variables: object, sub = admin) =>
    send(REPLAY, { selection, reason: "again", ...variables }, { sub });
  const first = (await replay({})).data.replayDeliveries;
  expect(first.count).toBe(200);
  const both = await Promise.all([
    replay({ after: first.next }),
    replay({ after: first.next }, other),
  ]);
  expect(both.map(({ data }) => data.replayDeliveries.next)).toEqual([null, null]);
  const { rows } = await sql("SELECT count(*)::int AS dead FROM deliveries WHERE outcome = 'dead'");
  expect(rows).toEqual([{ dead: 0 }]);
  expect(await userOf(id)).toMatchObject({ deleted: true, first_name: null });
});

test("dismissing deliveries discards those that were not applied, leaves the others, and audits the actor and the reason", async () => {
  await sql(
    `INSERT INTO deliveries (svix_id, sha256, body, outcome)
     SELECT 'msg_' || o, '\\x00', '{}', o FROM unnest('{applied,dead,quarantined,pending,unreadable,stale}'::text[]) o`,
  );
  const ids = ["msg_applied", "msg_dead", "msg_quarantined", "msg_stale", "msg_none"];
  const { data } = await send(DISMISS, { selection: { ids }, reason: "a test instance" });
  expect(data.dismissDeliveries).toBe(2);
  const { rows } = await sql(
    "SELECT svix_id FROM deliveries WHERE outcome = 'discarded' ORDER BY 1",
  );
  expect(rows.map(({ svix_id }) => svix_id)).toEqual(["msg_dead", "msg_quarantined"]);
  expect((await auditOf("deliveries.discarded")).at(-1)).toMatchObject({
    detail: { count: 2, reason: "a test instance" },
  });
});

test("actions on deliveries by a member, in an impersonated session or with bad input are refused, and write nothing", async () => {
  await sendUser({ id: clerkId("user") }, "msg_kept");
  const selection = { ids: ["msg_kept"] };
  const acts: [string, object][] = [
    [REVEAL, { id: "msg_kept" }],
    [PREVIEW, { selection }],
    [REPLAY, { selection, reason: "x" }],
    [DISMISS, { selection, reason: "x" }],
  ];
  const entries = async () =>
    (await sql("SELECT count(*)::int AS n FROM audit_log WHERE action LIKE 'deliver%'")).rows[0].n;
  const before = await entries();
  for (const [act, variables] of acts) {
    expect(await send(act, variables, { sub: member })).toMatchObject(refused("FORBIDDEN"));
    const impersonated = { sub: admin, act: { sub: other } };
    expect(await send(act, variables, impersonated)).toMatchObject(refused("FORBIDDEN"));
  }
  expect(await send(DETAIL, { id: "msg_kept" }, { sub: member })).toMatchObject(
    refused("FORBIDDEN"),
  );
  for (const variables of [
    { selection, reason: " " },
    { selection, reason: "x".repeat(501) },
    { selection, reason: "x\u0000" },
    { selection: { ids: [] }, reason: "x" },
    { selection: { ids: Array.from({ length: 501 }, () => "a") }, reason: "x" },
    { selection, reason: "x", after: "%" },
    { selection, reason: "x", after: Buffer.from('[5,"\\u0000"]').toString("base64url") },
  ])
    expect(await send(REPLAY, variables)).toMatchObject(refused("BAD_USER_INPUT"));
  expect(await entries()).toBe(before);
});
