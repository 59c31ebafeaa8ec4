/**
 * Tests that every attribute of an object is mirrored, even with unexpected values, and that all attributes are deleted with the
 * object.
 */
import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import {
  clerkId,
  deletedJson,
  emailJson,
  event,
  membershipJson,
  organizationJson,
  userJson,
} from "@/dev/testing/clerk-payloads";
import { sendWebhook } from "@/dev/testing/webhook";
import { database } from "../../db";
import { columns, type Table } from "../mirror/columns";
import { rebuildAndCompare } from "./rebuild";

const sql = (text: string, values: unknown[] = []) => database().pool.query(text, values);
const { prisma } = database();

/** Empties the tables, because tests use the same svix-ids and assert on all rows. */
beforeEach(() =>
  sql("TRUNCATE users, organizations, memberships, invitations, versions, deliveries CASCADE"),
);

const unrebuilt = async () =>
  (await rebuildAndCompare()).tables.flatMap(({ table, isEqual }) => (isEqual ? [] : table));

const at = 1_790_000_000_000;
const CODE = "884422";
const phoneJson = (id: string, phone_number: string, status = "verified") => ({
  id,
  object: "phone_number",
  phone_number,
  reserved_for_second_factor: true,
  backup_codes: [CODE],
  verification: { status, strategy: "phone_code", attempts: 1, expire_at: at },
});

const wholeUser = (id: string, fields: object = {}) =>
  userJson({
    id,
    external_id: "customer-7",
    username: "ada",
    primary_email_address_id: "idn_b",
    primary_phone_number_id: "idn_p",
    email_addresses: [emailJson("idn_a", "Old@Example.com"), emailJson("idn_b", "ada@example.com")],
    phone_numbers: [phoneJson("idn_p", "+15550100"), phoneJson("idn_q", "+15550101", "unverified")],
    external_accounts: [
      {
        id: "eac_1",
        provider: "oauth_google",
        provider_user_id: "1234",
        email_address: "ada@gmail.test",
        access_token: CODE,
        verification: {
          status: "verified",
          external_verification_redirect_url: `https://x.test/${CODE}`,
        },
      },
    ],
    web3_wallets: [{ id: "wlt_1", web3_wallet: "0xABC", verification: { nonce: CODE } }],
    passkeys: [{ id: "pk_1", name: "Laptop", last_used_at: at }],
    public_metadata: { role: "admin", url: "https://ada.example.com", token: "of the team" },
    unsafe_metadata: { theme: "dark" },
    private_metadata: { note: "for the server only" },
    organization_memberships: [
      membershipJson({ id: "orgmem_1", userId: id, organizationId: "org_1" }),
    ],
    has_image: true,
    password_enabled: true,
    two_factor_enabled: true,
    totp_enabled: false,
    backup_code_enabled: true,
    delete_self_enabled: true,
    create_organization_enabled: false,
    create_organizations_limit: 3,
    legal_accepted_at: at,
    last_active_at: at + 1,
    locale: "de-DE",
    attribute_of_next_year: { deep: [1, "two"] },
    ...fields,
  });

const findUser = (id: string) => prisma.user.findUnique({ where: { id } });

test("a mirrored user has every attribute that Clerk sends, including an unknown one, and no secret", async () => {
  const id = clerkId("user");
  await sendWebhook(event("user.created", wholeUser(id)));
  const row = await findUser(id);
  expect(row).toMatchObject({
    externalId: "customer-7",
    email: "ada@example.com",
    isEmailVerified: true,
    phoneNumber: "+15550100",
    identifiers: "+15550100\n+15550101\n0xabc\nada@example.com\nada@gmail.test\nold@example.com",
    isAdmin: true,
    hasImage: true,
    passwordEnabled: true,
    twoFactorEnabled: true,
    totpEnabled: false,
    backupCodeEnabled: true,
    hasPasskey: true,
    deleteSelfEnabled: true,
    createOrganizationEnabled: false,
    createOrganizationsLimit: 3n,
    legalAcceptedAt: new Date(at),
    lastActiveAt: new Date(at + 1),
    emailAddresses: [{ id: "idn_a", email_address: "Old@Example.com" }, { id: "idn_b" }],
    phoneNumbers: [{ id: "idn_p" }, { id: "idn_q", verification: { status: "unverified" } }],
    externalAccounts: [{ provider: "oauth_google", provider_user_id: "1234" }],
    passkeys: [{ name: "Laptop" }],
    publicMetadata: { role: "admin", url: "https://ada.example.com", token: "of the team" },
    unsafeMetadata: { theme: "dark" },
    privateMetadata: null,
    otherAttributes: { locale: "de-DE", attribute_of_next_year: { deep: [1, "two"] } },
  });
  expect(row?.otherAttributes).not.toHaveProperty("organization_memberships");
  const stored = await sql(
    "SELECT (SELECT string_agg(u::text, '') FROM users u) || (SELECT string_agg(v::text, '') FROM versions v) || (SELECT string_agg(convert_from(body, 'UTF8'), '') FROM deliveries) AS text",
  );
  expect(stored.rows[0]?.text).toContain("attribute_of_next_year");
  expect(stored.rows[0]?.text).not.toContain(CODE);
  expect(stored.rows[0]?.text).not.toContain("for the server only");
  expect(await unrebuilt()).toEqual([]);
});

test("a mirrored organization, membership and invitation have every attribute, without secrets or copies of other objects", async () => {
  const [user, org, member, invitation] = ["user", "org", "orgmem", "orginv"].map(clerkId);
  if (!user || !org || !member || !invitation) throw new Error("no ids");
  const metadata = { public_metadata: { plan: "pro" }, private_metadata: { key: "secret" } };
  const own = { max_allowed_memberships: 5, admin_delete_enabled: true, has_image: false };
  await sendWebhook(
    event(
      "organization.created",
      organizationJson({ id: org, ...own, ...metadata, role_set_key: "r" }),
    ),
  );
  await sendWebhook(
    event(
      "organizationMembership.created",
      membershipJson({
        ...{ id: member, userId: user, organizationId: org, role_name: "Member", ...metadata },
        permissions: ["org:posts:read"],
      }),
    ),
  );
  await sendWebhook(
    event("organizationInvitation.created", {
      ...{ id: invitation, organization_id: org, email_address: "eve@example.com", ...metadata },
      ...{ role: "org:member", role_name: "Member", url: `https://x.test/${CODE}`, expires_at: at },
      public_inviter_data: { user_id: user, first_name: "Ada" },
      updated_at: at,
    }),
  );
  const shared = { publicMetadata: { plan: "pro" }, privateMetadata: null };
  expect(await prisma.organization.findUnique({ where: { id: org } })).toMatchObject({
    ...{ ...shared, maxAllowedMemberships: 5n, adminDeleteEnabled: true, hasImage: false },
    otherAttributes: { role_set_key: "r" },
  });
  expect(await prisma.membership.findUnique({ where: { id: member } })).toMatchObject({
    ...{ ...shared, roleName: "Member", permissions: ["org:posts:read"], otherAttributes: {} },
  });
  expect(await prisma.invitation.findUnique({ where: { id: invitation } })).toMatchObject({
    ...{ ...shared, roleName: "Member", expiresAt: new Date(at), otherAttributes: {} },
  });
  expect(await unrebuilt()).toEqual([]);
});

describe("a user", () => {
  test.each<[string, object, object]>([
    [
      "without an e-mail address",
      {
        primary_email_address_id: null,
        email_addresses: [],
        external_accounts: [],
        web3_wallets: [],
      },
      {
        email: null,
        isEmailVerified: null,
        phoneNumber: "+15550100",
        identifiers: "+15550100\n+15550101",
      },
    ],
    [
      "with only a username",
      {
        ...{ primary_email_address_id: null, primary_phone_number_id: null, email_addresses: [] },
        ...{ phone_numbers: [], external_accounts: [], web3_wallets: [] },
      },
      { email: null, phoneNumber: null, identifiers: null, username: "ada", emailAddresses: [] },
    ],
    [
      "with an unverified primary address",
      {
        email_addresses: [
          { ...emailJson("idn_b", "ada@example.com"), verification: { status: "unverified" } },
        ],
      },
      { email: "ada@example.com", isEmailVerified: false },
    ],
    [
      "with an address that needs no verification",
      { email_addresses: [{ ...emailJson("idn_b", "ada@example.com"), verification: null }] },
      { email: "ada@example.com", isEmailVerified: false },
    ],
    [
      "with flags of another type",
      { password_enabled: "yes", create_organizations_limit: 1.5, external_id: 7 },
      { passwordEnabled: null, createOrganizationsLimit: null, externalId: null, hasImage: true },
    ],
    [
      "with metadata of another type",
      { public_metadata: "text", unsafe_metadata: [], external_accounts: {} },
      { publicMetadata: null, unsafeMetadata: null, externalAccounts: null, isAdmin: false },
    ],
  ])("a user %s is mirrored with the expected columns", async (_name, fields, expected) => {
    const id = clerkId("user");
    expect(await sendWebhook(event("user.created", wholeUser(id, fields)))).toBe(200);
    expect(await findUser(id)).toMatchObject(expected);
    expect(await unrebuilt()).toEqual([]);
  });

  test("a user with null for every attribute but the id and the version is mirrored", async () => {
    const id = clerkId("user");
    const nulls = Object.fromEntries(Object.keys(wholeUser(id)).map((key) => [key, null]));
    await sendWebhook(event("user.created", { ...nulls, id, updated_at: at }));
    expect(await findUser(id)).toMatchObject({ version: BigInt(at), emailAddresses: null });
    const [delivery] = await prisma.delivery.findMany();
    expect(delivery).toMatchObject({ outcome: "applied", unread: null });
  });

  test("a mirrored user with 200 e-mail addresses has all of them in identifiers", async () => {
    const id = clerkId("user");
    const email_addresses = Array.from({ length: 200 }, (_, n) =>
      emailJson(`idn_${n}`, `a${n}@x.test`),
    );
    await sendWebhook(event("user.created", wholeUser(id, { email_addresses })));
    const row = await findUser(id);
    expect(row?.emailAddresses).toHaveLength(200);
    expect(row?.identifiers?.split("\n")).toEqual(
      expect.arrayContaining(["a0@x.test", "a199@x.test"]),
    );
  });
});

/** Builds an event with metadata as raw JSON text, which can contain what JSON.stringify does not produce. */
const withMetadata = (id: string, metadata: string) =>
  JSON.stringify(event("user.created", wholeUser(id, { unsafe_metadata: "HERE" }))).replace(
    '"HERE"',
    () => metadata,
  );
const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;

describe("metadata", () => {
  test.each<[string, string, unknown, string | null]>([
    ["of 8 KB", JSON.stringify({ text: "x".repeat(8_000) }), { text: "x".repeat(8_000) }, null],
    ["with U+0000", '{"a\\u0000b":"c\\u0000d"}', { "a\uFFFDb": "c\uFFFDd" }, null],
    ["with lone surrogates", '{"\\ud800":["\\udfff"]}', { "\uFFFD": ["\uFFFD"] }, null],
    ["with an emoji", '{"face":"\\ud83d\\ude00"}', { face: "😀" }, null],
    ["with a number beyond a double", '{"n":1e400,"m":-0}', { n: null, m: 0 }, "unsafe_metadata.n"],
    ["with quotes and braces", '{"\\"{\\\\},":"\\"}{,\\\\"}', { '"{\\},': '"}{,\\' }, null],
    [
      "with keys named like secrets",
      '{"url":"u","password":"p"}',
      { url: "u", password: "p" },
      null,
    ],
  ])(
    "metadata %s is stored in a form that Postgres can hold",
    async (_name, metadata, expected, unread) => {
      const id = clerkId("user");
      expect(await sendWebhook(withMetadata(id, metadata))).toBe(200);
      expect((await findUser(id))?.unsafeMetadata).toEqual(expected);
      const [delivery] = await prisma.delivery.findMany();
      expect(delivery).toMatchObject({ outcome: "applied", unread });
      expect(await unrebuilt()).toEqual([]);
    },
  );

  test("metadata with __proto__ is stored as a plain key, and does not make the user an admin", async () => {
    const id = clerkId("user");
    const body = JSON.stringify(event("user.created", wholeUser(id, { public_metadata: "HERE" })));
    const metadata = '{"__proto__":{"role":"admin"},"constructor":{"prototype":{"role":"admin"}}}';
    await sendWebhook(body.replace('"HERE"', metadata));
    const { rows } = await sql("SELECT public_metadata::text AS text, is_admin FROM users");
    expect(rows).toEqual([
      { text: expect.stringContaining('"__proto__": {"role": "admin"}'), is_admin: false },
    ]);
    expect(Reflect.get({}, "role")).toBeUndefined();
  });

  test("metadata nested 1,000 levels deep is cut at level 100, and the delivery records its path", async () => {
    const id = clerkId("user");
    expect(await sendWebhook(withMetadata(id, nested(1_000)))).toBe(200);
    const { rows } = await sql("SELECT unsafe_metadata::text AS text FROM users");
    expect(rows[0]?.text).toBe(`${'{"a": '.repeat(99)}null${"}".repeat(99)}`);
    const [delivery] = await prisma.delivery.findMany();
    expect(delivery).toMatchObject({
      outcome: "applied",
      unread: expect.stringMatching(/^unsafe_metadata\.a\.a/),
    });
    expect(await unrebuilt()).toEqual([]);
  });

  test("metadata nested 5,000 levels deep does not prevent the next event from being applied", async () => {
    const [deep, next] = [clerkId("user"), clerkId("user")];
    expect(await sendWebhook(withMetadata(deep, nested(5_000)))).toBe(200);
    await sendWebhook(event("user.created", wholeUser(next)));
    expect(await findUser(deep)).toMatchObject({ version: BigInt(at) });
    expect(await findUser(next)).toMatchObject({ version: BigInt(at) });
  });

  test("metadata of 1 MB is stored", async () => {
    const id = clerkId("user");
    const big = { text: "x".repeat(1_000_000) };
    expect(await sendWebhook(withMetadata(id, JSON.stringify(big)))).toBe(200);
    expect((await findUser(id))?.unsafeMetadata).toEqual(big);
    expect(await unrebuilt()).toEqual([]);
  });
});

/** Returns the names of the columns of a row whose value is neither NULL nor the default of a tombstone. */
async function contentOf(table: Table, id: string): Promise<string[]> {
  const { rows } = await sql(`SELECT to_jsonb(t) AS row FROM ${table} t WHERE id = $1`, [id]);
  const row = z.record(z.string(), z.unknown()).parse(rows[0]?.row);
  return Object.keys(columns[table]).filter((name) => row[name] !== null && row[name] !== false);
}

test("a tombstone has no attributes of the deleted object", async () => {
  const [user, org] = [clerkId("user"), clerkId("org")];
  await sendWebhook(event("user.created", wholeUser(user)));
  const metadata = { public_metadata: { a: 1 }, max_allowed_memberships: 5, has_image: true };
  await sendWebhook(event("organization.created", organizationJson({ id: org, ...metadata })));
  expect((await contentOf("users", user)).length).toBeGreaterThan(25);
  await sendWebhook(event("user.deleted", deletedJson(user)));
  await sendWebhook(event("organization.deleted", deletedJson(org)));
  await sendWebhook(event("user.updated", wholeUser(user, { updated_at: at + 9 })));
  expect(await contentOf("users", user)).toEqual([]);
  expect(await contentOf("organizations", org)).toEqual([]);
  expect(
    await prisma.version.count({
      where: { userId: user, deleted: false, state: { not: "DbNull" } },
    }),
  ).toBe(0);
});

describe("the metadata of a membership goes with its user", () => {
  const [user, org, id] = ["user_m", "org_m", "orgmem_m"];
  const membership = (fields: object = {}) =>
    event("organizationMembership.created", {
      ...membershipJson({ id, userId: user, organizationId: org }),
      public_metadata: { title: "Countess" },
      nickname: "Ada",
      ...fields,
    });
  const deleted = event("user.deleted", deletedJson(user));
  const created = event("user.created", wholeUser(user));

  test.each([
    ["when it arrived before the deletion", [created, membership(), deleted]],
    ["when it arrives after the deletion", [created, deleted, membership()]],
    ["when it is newer than the deletion", [deleted, membership({ updated_at: at + 60_000 })]],
    ["when it is late and loses", [membership({ updated_at: at + 9 }), deleted, membership()]],
  ])("deleting a user clears the metadata of the user's membership %s", async (_name, events) => {
    for (const each of events) expect(await sendWebhook(each)).toBe(200);
    const { rows } = await sql(
      "SELECT m::text || coalesce(v.state::text, '') AS text FROM memberships m LEFT JOIN versions v ON v.object_id = m.id",
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const { text } of rows) expect(text).not.toMatch(/Countess|Ada/);
    expect(await unrebuilt()).toEqual([]);
  });

  test("deleting a user clears the metadata of a membership whose event arrives at the same time", async () => {
    for (let round = 0; round < 20; round++) {
      const [who, which] = [clerkId("user"), clerkId("orgmem")];
      await sendWebhook(event("user.created", wholeUser(who)));
      const json = membershipJson({ id: which, userId: who, organizationId: org });
      const metadata = { public_metadata: { title: "Countess" } };
      await Promise.all([
        sendWebhook(event("organizationMembership.created", { ...json, ...metadata })),
        sendWebhook(event("user.deleted", deletedJson(who))),
      ]);
      const row = await prisma.membership.findUnique({ where: { id: which } });
      expect(row).toMatchObject({ userId: who, publicMetadata: null });
    }
  });
});
