/**
 * Tests that with MIRROR_PRIVATE_METADATA=true, private metadata is mirrored like other attributes, but no API response and no
 * log contains it.
 */
import { isObjectType } from "graphql";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { POST } from "@/app/api/graphql/route";
import { startBackendApi } from "@/dev/testing/backend-api";
import {
  deletedJson,
  event,
  membershipJson,
  organizationJson,
  userJson,
} from "@/dev/testing/clerk-payloads";
import { caughtUp, listening } from "@/dev/testing/listening";
import { signToken } from "@/dev/testing/sign";
import { sendWebhook } from "@/dev/testing/webhook";
import { database } from "../../db";
import { schema } from "../../graphql/schema";
import { reconcile } from "../reconcile/reconcile";
import { rebuildAndCompare } from "./rebuild";

process.env.MIRROR_PRIVATE_METADATA = "true";
const clerk = await startBackendApi();
process.env.CLERK_API_URL = clerk.url;
afterAll(() => clerk.close());

const SECRET = "for-the-server-only";
const at = 1_790_000_000_000;
const private_metadata = { note: SECRET, token: `${SECRET} too`, deep: [{ password: SECRET }] };
const stamps = { created_at: at, updated_at: at };
const user = {
  ...userJson({ id: "user_1", private_metadata, public_metadata: { role: "admin" } }),
  ...stamps,
  id: "user_1",
};
const organization = {
  ...organizationJson({ id: "org_1", private_metadata }),
  ...stamps,
  id: "org_1",
};
const membership = {
  ...membershipJson({ id: "orgmem_1", userId: "user_1", organizationId: "org_1" }),
  ...stamps,
  private_metadata,
};
const invitation = {
  ...{ id: "orginv_1", organization_id: "org_1", email_address: "eve@example.com" },
  ...{ role: "org:member", status: "pending", inviter_id: "user_1", private_metadata, ...stamps },
};

const sql = (text: string) => database().pool.query(text);
const tables = ["users", "organizations", "memberships", "invitations"];

/** Of the tables `names`, resolves to the names of those that contain the secret. */
async function storedIn(...names: string[]): Promise<string[]> {
  const found: string[] = [];
  for (const name of names) {
    const { rows } = await sql(`SELECT FROM ${name} t WHERE t::text LIKE '%${SECRET}%'`);
    if (rows.length > 0) found.push(name);
  }
  return found;
}

const logged: string[] = [];

beforeAll(async () => {
  await listening();
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    logged.push(String(text));
    return true;
  });
  clerk.users = [user];
  clerk.organizations = [organization];
  clerk.memberships = [membership];
  clerk.invitations = [invitation];
  await sendWebhook(event("user.created", user));
  await sendWebhook(event("organization.created", organization));
  await sendWebhook(event("organizationMembership.created", membership));
  await sendWebhook(event("organizationInvitation.created", invitation));
  await caughtUp();
});

test("private metadata of every kind of object is mirrored unchanged, and a rebuild from the inbox restores it", async () => {
  for (const table of tables) {
    const { rows } = await sql(`SELECT private_metadata FROM ${table} WHERE id LIKE '%\\_1'`);
    expect(rows).toEqual([{ private_metadata }]);
  }
  expect(await storedIn("versions")).toEqual(["versions"]);
  const { tables: compared } = await rebuildAndCompare();
  expect(compared.filter(({ isEqual }) => !isEqual)).toEqual([]);
});

const run = () =>
  reconcile({
    mode: "repair",
    trigger: "command",
    calls: { perTenSeconds: 100_000, backoffMs: [5, 5], answerWithinMs: 2_000 },
  });

test.each(tables)(
  "a reconciliation finds and repairs a local edit of private metadata in %s",
  async (table) => {
    await sql(`UPDATE ${table} SET private_metadata = '{}' WHERE id LIKE '%\\_1'`);
    expect(await run()).toMatchObject({ status: "done", reason: null });
    const { rows } = await sql(`SELECT private_metadata FROM ${table} WHERE id LIKE '%\\_1'`);
    expect(rows).toEqual([{ private_metadata }]);
  },
);

async function ask(query: string): Promise<string> {
  const token = signToken(process.env.TEST_PRIVATE_KEY ?? "", {
    sub: "user_1",
    o: { id: "org_1" },
  });
  const request = new Request("https://rollcall.test/api/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  });
  return (await POST(request)).text();
}

/** Returns a GraphQL selection of the fields of the type `name` that are scalars or an invitation's status. */
const leaves = (name: string) => {
  const type = schema.getType(name);
  if (!isObjectType(type)) throw new Error(`no type ${name}`);
  return Object.values(type.getFields())
    .filter(({ type }) =>
      /^(ID|String|Boolean|Int|Float|DateTime|JSON|InvitationStatus)!?$/.test(String(type)),
    )
    .map(({ name }) => name)
    .join(" ");
};

test("no API response contains private metadata, not even for a platform admin", async () => {
  const members = `members(first: 2) { edges { node { ${leaves("Membership")} user { ${leaves("User")} } } } }`;
  const answer = await ask(`{
    users(first: 2) { edges { node { ${leaves("User")} emailAddresses { emailAddress } } } }
    organizations(first: 2) { edges { node { ${leaves("Organization")} ${members} } } }
    invitations(first: 2) { edges { node { ${leaves("Invitation")} } } }
  }`);
  expect(answer).toContain("org_1");
  expect(answer).toContain("publicMetadata");
  expect(answer).not.toContain("errors");
  expect(answer).not.toContain(SECRET);
  for (const type of Object.values(schema.getTypeMap()).filter(isObjectType))
    expect(Object.keys(type.getFields())).not.toContainEqual(expect.stringMatching(/privateMeta/i));
});

test("private metadata is never logged", async () => {
  await sql("ALTER TABLE users ADD CONSTRAINT failing CHECK (username <> 'fails') NOT VALID");
  await sendWebhook(event("user.updated", { ...user, username: "fails", updated_at: at + 1 }));
  await sql("ALTER TABLE users DROP CONSTRAINT failing");
  const { rows } = await sql("SELECT error FROM deliveries WHERE outcome = 'pending'");
  expect(rows).toEqual([{ error: expect.not.stringContaining(SECRET) }]);
  expect(logged.join("")).not.toContain(SECRET);
});

test("deleting a user or an organization clears its private metadata from the mirror, from versions and from drift_findings", async () => {
  expect(await storedIn("drift_findings")).toEqual(["drift_findings"]);
  for (const [type, id] of [
    ["organizationInvitation.revoked", "orginv_1"],
    ["user.deleted", "user_1"],
    ["organization.deleted", "org_1"],
  ] as const) {
    const revoked = { ...invitation, status: "revoked", private_metadata: {}, updated_at: at + 9 };
    expect(await sendWebhook(event(type, id === "orginv_1" ? revoked : deletedJson(id)))).toBe(200);
  }
  expect(await storedIn("users", "organizations", "memberships", "invitations")).toEqual([]);
  const { rows } = await sql(
    `SELECT object_table, object_id FROM versions WHERE state::text LIKE '%${SECRET}%'
     UNION SELECT 'finding', object_id FROM drift_findings WHERE object_table <> 'invitations' AND fields::text LIKE '%${SECRET}%'`,
  );
  expect(rows).toEqual([]);
});
