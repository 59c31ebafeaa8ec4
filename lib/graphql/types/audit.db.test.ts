/** Tests the audit log through the real GraphQL route: who may read it, its filters, and that nobody can change it. */
import { beforeAll, expect, test } from "vitest";
import { clerkId } from "@/dev/testing/clerk-payloads";
import { askGraphQL } from "@/dev/testing/graphql";
import { caughtUp, listening } from "@/dev/testing/listening";
import { mirrorAdmin, mirrorOrganization, mirrorUser } from "@/dev/testing/mirror";
import { recordAudit } from "../../audit";
import { database } from "../../db";
import { viewerDbFor } from "../../identity/viewer-db";

const [admin, member] = [clerkId("user"), clerkId("user")];
const organization = clerkId("org");

beforeAll(async () => {
  await listening();
  await mirrorAdmin(admin);
  await mirrorUser(member, { first_name: "Mina", last_name: "Kvist" });
  await mirrorOrganization(organization, { name: "Harbour" });
  const entries: Pick<Parameters<typeof recordAudit>[0], "action" | "subject" | "detail">[] = [
    { action: "user.banned", subject: member, detail: { reason: "Spam <b>اليوم</b> 🙈" } },
    { action: "invitation.created", subject: organization, detail: { role: "org:member" } },
    { action: "invitation.created_requested", subject: organization },
    { action: "100%_sure", subject: null },
  ];
  for (const entry of entries) await recordAudit({ actor: admin, ...entry });
  await recordAudit({ actor: "clerk", action: "delivery.conflict", subject: "msg_1" });
  await caughtUp();
});

const send = (query: string, variables: object = {}, sub = admin) =>
  askGraphQL({ sub }, query, variables);

async function actionsOf(variables: object): Promise<string[]> {
  const { data, errors } = await send(
    `query ($query: String, $filter: AuditFilter) {
      auditEntries(query: $query, filter: $filter) { totalCount edges { node { action } } }
    }`,
    variables,
  );
  expect(errors).toBeUndefined();
  const { totalCount, edges } = data.auditEntries;
  expect(totalCount).toBe(edges.length);
  return edges.map(({ node }: { node: { action: string } }) => node.action);
}

test("auditEntries returns the names of an entry's actor and subject, and the reason as it was given", async () => {
  const { data } = await send(
    `{ auditEntries(filter: { action: "user.banned" }) { edges { node { actor actorName subject subjectName reason } } } }`,
  );
  expect(data.auditEntries.edges).toEqual([
    {
      node: {
        ...{ actor: admin, actorName: expect.any(String) },
        ...{ subject: member, subjectName: "Mina Kvist" },
        reason: "Spam <b>اليوم</b> 🙈",
      },
    },
  ]);
});

test.each<[string, object, string[]]>([
  ["an actor", { filter: { actor: "clerk" } }, ["delivery.conflict"]],
  ["an action", { filter: { action: "invitation.created" } }, ["invitation.created"]],
  [
    "the start of actions",
    { filter: { action: "invitation.*" } },
    ["invitation.created_requested", "invitation.created"],
  ],
  ["a percent sign as a character", { filter: { action: "100%*" } }, ["100%_sure"]],
  ["an underscore as a character", { filter: { action: "100_*" } }, []],
  ["a subject", { filter: { subject: member } }, ["user.banned"]],
  ["two conditions", { filter: { subject: member, action: "invitation.*" } }, []],
  ["a time range", { filter: { at: { until: "2020-01-01T00:00:00Z" } } }, []],
  ["words that are a subject", { query: "msg_1" }, ["delivery.conflict"]],
  ["words that are an action", { query: " user.* " }, ["user.banned"]],
])("the audit log is filtered by %s", async (_name, variables, actions) => {
  expect(await actionsOf(variables)).toEqual(actions);
});

test("auditEntries with NUL in a filter is refused with BAD_USER_INPUT", async () => {
  const { errors } = await send(`{ auditEntries(filter: { actor: "\\u0000" }) { totalCount } }`);
  expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
});

test("auditEntries is refused to a member with FORBIDDEN", async () => {
  const { errors } = await send("{ auditEntries { totalCount } }", {}, member);
  expect(errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
});

test("the reason of an entry can be removed only when its subject is erased, and nothing else of it", async () => {
  const { pool } = database();
  const { rows } = await pool.query<{ id: string }>(
    `INSERT INTO audit_log (actor, action, subject, detail) VALUES ('user_a', 'user.ban', 'user_gone', '{"reason": "spam", "n": 1}') RETURNING id`,
  );
  const id = rows[0]?.id;
  const remove = "UPDATE audit_log SET detail = detail - 'reason' WHERE id = $1";
  await expect(pool.query(remove, [id])).rejects.toThrow("audit_log is append-only");
  await pool.query(
    "INSERT INTO erased_ids (id, erasure_id) VALUES ('user_gone', gen_random_uuid())",
  );
  for (const change of ["detail = '{}'", "detail = detail - 'reason', actor = 'nobody'"])
    await expect(pool.query(`UPDATE audit_log SET ${change} WHERE id = $1`, [id])).rejects.toThrow(
      "audit_log is append-only",
    );
  await pool.query(remove, [id]);
  const entry = await pool.query("SELECT actor, detail FROM audit_log WHERE id = $1", [id]);
  expect(entry.rows).toEqual([{ actor: "user_a", detail: { n: 1 } }]);
  await pool.query("DELETE FROM erased_ids WHERE id = 'user_gone'");
});

test("neither the app's own role nor the viewer's can change, delete or truncate the audit log", async () => {
  const { pool } = database();
  const before = await pool.query("SELECT count(*) FROM audit_log");
  for (const statement of [
    "UPDATE audit_log SET actor = 'nobody'",
    "DELETE FROM audit_log",
    "TRUNCATE audit_log",
    "UPDATE audit_log SET detail = detail - 'reason'",
  ])
    await expect(pool.query(statement)).rejects.toThrow("audit_log is append-only");
  const viewer = viewerDbFor(null);
  for (const work of [
    () => viewer.auditEntry.deleteMany(),
    () => viewer.auditEntry.updateMany({ data: { actor: "nobody" } }),
    () => viewer.auditEntry.create({ data: { actor: "somebody", action: "x" } }),
  ])
    await expect(work()).rejects.toThrow("permission denied");
  expect((await pool.query("SELECT count(*) FROM audit_log")).rows).toEqual(before.rows);
});
