/** Tests that a reconciliation compares and repairs every attribute of an object. */
import { afterAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { startBackendApi } from "@/dev/testing/backend-api";
import {
  emailJson,
  event,
  membershipJson,
  organizationJson,
  userJson,
} from "@/dev/testing/clerk-payloads";
import { sendWebhook } from "@/dev/testing/webhook";
import { database } from "../../db";
import { rebuildAndCompare } from "../inbox/rebuild";
import { columns, isUncompared, type ReconciledTable } from "../mirror/columns";
import { reconcile } from "./reconcile";

const clerk = await startBackendApi();
process.env.CLERK_API_URL = clerk.url;
afterAll(() => clerk.close());

const sql = (text: string, values: unknown[] = []) => database().pool.query(text, values);
const at = 1_790_000_000_000;
const stamps = { created_at: at, updated_at: at };
const metadata = { public_metadata: { plan: "pro", "a\u0000b": [1, { two: null }] } };
const phone = {
  id: "idn_p",
  phone_number: "+15550100",
  verification: { status: "verified", attempts: 1 },
};
const user = {
  ...userJson({ id: "user_1", username: "ada", external_id: "customer-7", ...metadata }),
  ...stamps,
  id: "user_1",
  primary_phone_number_id: "idn_p",
  phone_numbers: [phone],
  external_accounts: [{ id: "eac_1", provider: "oauth_google", email_address: "ada@gmail.test" }],
  web3_wallets: [{ id: "wlt_1", web3_wallet: "0xabc" }],
  passkeys: [{ id: "pk_1", name: "Laptop" }],
  unsafe_metadata: { theme: 'a "dark" \\ {one}, NULL' },
  has_image: true,
  password_enabled: true,
  two_factor_enabled: true,
  totp_enabled: true,
  backup_code_enabled: true,
  delete_self_enabled: true,
  create_organization_enabled: true,
  create_organizations_limit: 3,
  legal_accepted_at: at,
  last_active_at: at,
  last_sign_in_at: at,
  banned: true,
  locked: true,
  locale: "de-DE",
  lockout_expires_in_seconds: 30,
};
const organization = {
  ...organizationJson({ id: "org_1", created_by: "user_1", ...metadata }),
  ...stamps,
  id: "org_1",
  has_image: true,
  max_allowed_memberships: 5,
  admin_delete_enabled: true,
  role_set_key: "default",
  members_count: 1,
};
const membership = {
  ...membershipJson({ id: "orgmem_1", userId: "user_1", organizationId: "org_1", ...metadata }),
  ...stamps,
  role_name: "Member",
  permissions: ["org:posts:read", "org:posts:write"],
  nickname: "Ada",
};
const invitation = {
  id: "orginv_1",
  organization_id: "org_1",
  email_address: "eve@example.com",
  role: "org:member",
  role_name: "Member",
  status: "pending",
  inviter_id: "user_1",
  expires_at: at + 86_400_000,
  ...metadata,
  ...stamps,
  reason: "new",
};
const events = {
  users: event("user.created", user),
  organizations: event("organization.created", organization),
  memberships: event("organizationMembership.created", membership),
  invitations: event("organizationInvitation.created", invitation),
};

const run = () =>
  reconcile({
    mode: "repair",
    trigger: "command",
    calls: { perTenSeconds: 100_000, backoffMs: [5, 5], answerWithinMs: 2_000 },
  });
const findings = async () =>
  (await database().prisma.driftFinding.findMany({ orderBy: { id: "asc" } })).map(
    ({ objectTable, kind, fields, isRepaired }) => ({
      table: objectTable,
      kind,
      fields: Object.keys(Object(fields)),
      isRepaired,
    }),
  );

beforeEach(async () => {
  clerk.users = [user];
  clerk.organizations = [organization];
  clerk.memberships = [membership];
  clerk.invitations = [invitation];
  await sql(
    "TRUNCATE users, organizations, memberships, invitations, versions, deliveries, sync_runs CASCADE",
  );
});

test("a backfill of objects with all attributes leaves no drift, and writes the same rows as their webhooks", async () => {
  expect(await run()).toMatchObject({ status: "done", reason: null });
  const rowsOf = async () =>
    Promise.all(
      Object.keys(events).map(async (table) => {
        const { rows } = await sql(
          // The worker counts the members after a webhook, and the reconciliation at its end.
          `SELECT (to_jsonb(t) - 'svix_id' - 'event_timestamp' - 'members_count')::text AS row FROM ${table} t`,
        );
        return rows;
      }),
    );
  const backfilled = await rowsOf();
  expect(backfilled.flat()).toHaveLength(4);
  await sql("TRUNCATE drift_findings, sync_runs CASCADE");
  await run();
  expect(await findings()).toEqual([]);
  await sql("TRUNCATE users, organizations, memberships, invitations, versions CASCADE");
  for (const each of Object.values(events)) expect(await sendWebhook(each)).toBe(200);
  expect(await rowsOf()).toEqual(backfilled);
  await run();
  expect(await findings()).toEqual([]);
});

const aTable = z.enum(["users", "organizations", "memberships", "invitations"]);
const compared = aTable.options.flatMap((table) =>
  Object.entries(columns[table]).flatMap(([name, kind]): [ReconciledTable, string, string][] =>
    isUncompared(table, name) ? [] : [[table, name, kind]],
  ),
);
/** For each column type, a SQL value that Clerk's objects do not have. */
const edits: Record<string, string> = {
  text: "'edited'",
  integer: "42",
  boolean: "NOT %",
  flag: "NOT coalesce(%, true)",
  time: "'2001-01-01'",
  json: `'{"edited": true}'`,
};

test("a reconciliation finds and repairs a local edit of each column that it compares", async () => {
  // The value `edited` of a foreign key needs a row.
  clerk.users.push(userJson({ id: "edited" }));
  clerk.organizations.push(organizationJson({ id: "edited" }));
  await run();
  for (const [table, name, kind] of compared) {
    const column = `${table}.${name}`;
    const readColumn = async () => {
      const { rows } = await sql(
        `SELECT ${name}::text AS value FROM ${table} WHERE id LIKE '%\\_1'`,
      );
      return rows;
    };
    const before = await readColumn();
    await sql("DELETE FROM sync_runs");
    const edit = edits[kind]?.replace("%", name) ?? "";
    await sql(`UPDATE ${table} SET ${name} = ${edit} WHERE id LIKE '%\\_1'`);
    expect(await readColumn(), column).not.toEqual(before);
    await run();
    expect(await findings(), column).toEqual([
      { table, kind: "different", fields: [name], isRepaired: true },
    ]);
    expect(await readColumn(), column).toEqual(before);
  }
});

test.each<[string, object]>([
  ["an attribute that only the Backend API has", { attribute_of_next_year: 1 }],
  ["a countdown", { lockout_expires_in_seconds: 12 }],
  ["the last activity", { last_active_at: at + 86_400_000 }],
  ["another order of the addresses", { email_addresses: user.email_addresses.toReversed() }],
  ["more of an address", { phone_numbers: [{ ...phone, reserved: false }] }],
])("a reconciliation does not report %s as drift", async (_name, fields) => {
  for (const each of Object.values(events)) await sendWebhook(each);
  clerk.users = [{ ...user, ...fields }];
  await run();
  expect(await findings()).toEqual([]);
});

test.each<[string, object, string[]]>([
  [
    "an address verified at Clerk",
    { phone_numbers: [{ ...phone, verification: { status: "unverified" } }] },
    ["phone_numbers"],
  ],
  [
    "an address less at Clerk",
    { email_addresses: [emailJson("idn_1", "user_1@example.com")] },
    ["identifiers", "email_addresses"],
  ],
  [
    "a key more in metadata",
    { public_metadata: { ...metadata.public_metadata, more: null } },
    ["public_metadata"],
  ],
  ["another value of an attribute without a column", { locale: "fr-FR" }, ["other_attributes"]],
])("a reconciliation reports %s as drift", async (_name, fields, names) => {
  for (const each of Object.values(events)) await sendWebhook(each);
  clerk.users = [{ ...user, ...fields }];
  await run();
  expect(await findings()).toEqual([
    { table: "users", kind: "different", fields: names, isRepaired: true },
  ]);
  expect((await rebuildAndCompare()).tables.filter(({ isEqual }) => !isEqual)).toEqual([]);
});

test("a backfill mirrors metadata of 1 MB, and a user with null in every attribute", async () => {
  const big = { text: "x".repeat(1_000_000) };
  const nulls = Object.fromEntries(Object.keys(user).map((key) => [key, null]));
  clerk.users = [
    { ...user, public_metadata: big },
    { ...nulls, ...stamps, id: "user_2" },
  ];
  expect(await run()).toMatchObject({ status: "done", reason: null });
  const { rows } = await sql(
    "SELECT length(public_metadata ->> 'text') AS n FROM users ORDER BY id",
  );
  expect(rows).toEqual([{ n: 1_000_000 }, { n: null }]);
});
