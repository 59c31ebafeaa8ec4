/**
 * Tests every connection of the schema in every sort order: its pages together contain every row once, even where the sort key is
 * NULL.
 */
import {
  type GraphQLField,
  type GraphQLObjectType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isObjectType,
} from "graphql";
import { beforeAll, describe, expect, test } from "vitest";
import { clerkId, event, membershipJson } from "@/dev/testing/clerk-payloads";
import { askGraphQL } from "@/dev/testing/graphql";
import { caughtUp, listening } from "@/dev/testing/listening";
import {
  deliver,
  mirrorAdmin,
  mirrorMembership,
  mirrorOrganization,
  mirrorUser,
} from "@/dev/testing/mirror";
import { makeListedProfile, makeSocialRows } from "@/dev/testing/social"; // part of the sample product
import { database } from "../db";
import { refreshMemberCounts } from "../sync/mirror/member-counts";
import { schema } from "./schema";

const admin = clerkId("user");
const organization = clerkId("org");

/** Creation times to sort by: equal, missing, in the first and last year that the mirror stores, and before 1970. */
const creationTimes = [
  null,
  null,
  null,
  null,
  1_790_000_000_000,
  1_790_000_000_000,
  1_790_000_000_000,
  1_790_000_000_001,
  "0001-01-01T00:00:00.000Z",
  "1950-06-01T00:00:00.000Z",
  "9999-12-31T23:59:59.999Z",
  0,
];

/** Names to sort by. Some differ only in case or accents, and one is too long for an index entry. */
const names = ["Ada", "ada", "Åda", "Bob", "Zoë", `Zz${"q7".repeat(3_000)}`];

beforeAll(async () => {
  await listening();
  await mirrorAdmin(admin);
  await mirrorOrganization(organization);
  await makeListedProfile(admin, "lists_walker"); // part of the sample product
  for (const [index, created_at] of creationTimes.entries()) {
    const userId = clerkId("user");
    const ordered = {
      last_active_at: created_at,
      last_sign_in_at: created_at,
      first_name: names[index % names.length],
      last_name: null,
      ...(index % 3 === 0 && { email_addresses: [] }),
      ...(index % 2 === 0 && { username: `${names[index % names.length]}_${index}`.slice(0, 200) }),
      ...(index % 2 === 1 && {
        ...{ external_id: `crm-${index % 4}`, two_factor_enabled: index % 4 === 1 },
        phone_numbers: [{ id: "idn_2", phone_number: `+1555010${index}` }],
        primary_phone_number_id: "idn_2",
      }),
      locked: index % 4 === 1,
    };
    await mirrorUser(userId, { created_at, ...ordered });
    const other = clerkId("org");
    await mirrorOrganization(other, {
      ...{ created_at, name: names[index % names.length] },
      slug: index % 2 === 0 ? `slug-${index % 6}` : null,
      ...(index % 2 === 1 && { created_by: `user_${index % 4}` }),
      ...(index % 3 !== 0 && { admin_delete_enabled: index % 3 === 1 }),
    });
    if (index % 3 === 0) await mirrorMembership(clerkId("orgmem"), userId, other);
    await makeSocialRows(admin, userId, index, new Date(created_at ?? 0)); // part of the sample product
    const membership = membershipJson({
      id: clerkId("orgmem"),
      userId,
      organizationId: organization,
      created_at,
    });
    await deliver(event("organizationMembership.created", membership));
    const invitation = {
      id: clerkId("orginv"),
      organization_id: organization,
      email_address: index % 3 === 0 ? null : `${index}@example.com`,
      role: index % 3 === 0 ? null : `org:${index % 2 === 0 ? "admin" : "member"}`,
      status: index % 3 === 0 ? null : ["pending", "accepted", "revoked"][index % 4],
      expires_at: created_at,
      created_at,
      updated_at: 1_790_000_000_000,
    };
    await deliver(event("organizationInvitation.created", invitation));
  }
  await refreshMemberCounts();
  const isoTimes = creationTimes.map((time) =>
    typeof time === "number" ? new Date(time).toISOString() : time,
  );
  await database().pool.query(
    `INSERT INTO audit_log (actor, action, subject, at) SELECT $1, 'test.listed', $1, coalesce(at, now())
     FROM unnest($2::timestamptz[]) AS at`,
    [admin, isoTimes],
  );
  await database().pool.query(
    `INSERT INTO erasures (subject_kind, subject_id, addresses, step, next_at, deleted_at)
     SELECT 'user', 'user_erased_' || place, '{}', 'done', NULL, coalesce(at, now())
     FROM unnest($1::timestamptz[]) WITH ORDINALITY AS times(at, place)`,
    [isoTimes],
  );
  // Clerk always sends both times, so the test removes them with SQL. Only a row of an old or edited database lacks them.
  for (const table of ["users", "organizations", "memberships"]) {
    await database().pool.query(
      `UPDATE ${table} SET updated_at = created_at WHERE created_at <> '2026-09-21T14:13:20Z' OR created_at IS NULL`,
    );
  }
  await database().pool.query(
    "UPDATE users SET created_at = NULL, updated_at = NULL WHERE last_active_at IS NULL AND NOT is_admin",
  );
  await caughtUp();
});

type Field = GraphQLField<unknown, unknown>;

const fieldsOf = (type: GraphQLObjectType) => Object.values(type.getFields());

function isConnection(field: Field): boolean {
  const type = getNamedType(field.type);
  return isObjectType(type) && "edges" in type.getFields() && "pageInfo" in type.getFields();
}

/**
 * For each type that has lists: a function that puts one of these lists into a query. Add an entry when another type gets its
 * first list.
 */
const parents: Record<string, (list: string) => string> = {
  Query: (list) => `{ ${list} }`,
  Organization: (list) => `{ parent: organization(id: "${organization}") { ${list} } }`,
  Viewer: (list) => `{ parent: viewer { ${list} } }`,
  Profile: (list) => `{ parent: profile(handle: "lists_walker") { ${list} } }`, // part of the sample product
};

/** Lists of our own rows, which always have a creation time. Rows that mirror Clerk may have none. */
const alwaysDated = new Set([
  ...["Viewer.wishlist", "Profile.wishlist", "Profile.followers", "Profile.following"],
  ...["Query.followRequests", "Query.blocks"],
  ...["Query.auditEntries", "Query.auditEntries by AT ASC", "Query.auditEntries by AT DESC"],
  ...["Query.deliveries", "Query.deliveries by RECEIVED_AT ASC"],
  ...["Query.deliveries by RECEIVED_AT DESC", "Query.deliveries by DELAY ASC"],
  "Query.deliveries by DELAY DESC",
  ...["Query.erasures", "Query.erasures by DELETED_AT ASC", "Query.erasures by DELETED_AT DESC"],
]);

type Order = { field: string; direction: "ASC" | "DESC" } | null;

/** Returns all orders of a list: the default order, and each field of the argument `orderBy` in both directions. */
function ordersOf({ args }: Field): Order[] {
  const input = args.find(({ name }) => name === "orderBy");
  const type = input && getNamedType(input.type);
  const fields = isInputObjectType(type) ? getNamedType(type.getFields().field?.type) : undefined;
  const names = isEnumType(fields) ? fields.getValues().map(({ name }) => name) : [];
  return [
    null,
    ...names.flatMap((field): Order[] => [
      { field, direction: "ASC" },
      { field, direction: "DESC" },
    ]),
  ];
}

const lists = Object.values(schema.getTypeMap())
  .filter(isObjectType)
  .flatMap((type) =>
    fieldsOf(type)
      .filter(isConnection)
      .flatMap((field) =>
        ordersOf(field).map((order) => ({
          name: `${type.name}.${field.name}${order ? ` by ${order.field} ${order.direction}` : ""}`,
          parent: type.name,
          field: field.name,
          order,
        })),
      ),
  );

const send = (query: string) => askGraphQL({ sub: admin }, query);

type Page = {
  edges: { cursor: string; node: { id: string } & Keyed & { user?: Keyed } }[];
  pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string | null;
    endCursor: string | null;
  };
};

type List = (typeof lists)[number];

/** The selection of the value of each sort key. */
const sortedBy: Record<string, string> = {
  CREATED_AT: "createdAt",
  JOINED_AT: "createdAt",
  UPDATED_AT: "updatedAt",
  LAST_ACTIVE_AT: "lastActiveAt",
  LAST_SIGN_IN_AT: "lastSignInAt",
  EXPIRES_AT: "expiresAt",
  USERNAME: "username",
  PHONE: "phoneNumber",
  EXTERNAL_ID: "externalId",
  EMAIL_VERIFIED: "isEmailVerified",
  TWO_FACTOR: "twoFactorEnabled",
  SLUG: "slug",
  CREATED_BY: "createdBy",
  ADMINS_MAY_DELETE: "adminDeleteEnabled",
  STATUS: "status",
  ROLE: "role",
  ACTION: "action",
  ACTOR: "actor",
  SUBJECT: "subject",
  TYPE: "type",
  OUTCOME: "outcome",
  OBJECT_ID: "objectId",
  ID: "id",
  NAME: "name",
  EMAIL: "email",
  AT: "at",
  RECEIVED_AT: "receivedAt",
  DELETED_AT: "deletedAt",
  DELAY: "delayMs",
  MEMBERS_COUNT: "membersCount",
};

/** The orders from A to Z; the others have the greatest value first. */
const fromAToZ = new Set([
  ...["NAME", "EMAIL", "USERNAME", "PHONE", "EXTERNAL_ID", "SLUG", "CREATED_BY", "STATUS", "ROLE"],
  ...["ACTION", "ACTOR", "SUBJECT", "TYPE", "OBJECT_ID", "ID"],
]);

/** The orders by a value that every row has. */
const alwaysSet = new Set([
  ...["NAME", "MEMBERS_COUNT", "ID", "STATE", "ACTION", "ACTOR", "SUBJECT", "TYPE", "OUTCOME"],
  "OBJECT_ID",
]);

/** The orders of members by an attribute of the user. */
const ofMember = new Set(["NAME", "EMAIL", "STATE"]);

function keySelection({ parent, field, order }: List): string {
  const name = order?.field ?? defaultOrders[field] ?? "CREATED_AT";
  const key = name === "STATE" ? "isBanned isLocked" : `key: ${sortedBy[name]}`;
  return parent === "Organization" && ofMember.has(name) ? `user { ${key} }` : key;
}

type Keyed = { key?: string | number | boolean | null; isBanned?: boolean; isLocked?: boolean };

function keyOf({ user, ...own }: Keyed & { user?: Keyed }) {
  const { key, isBanned, isLocked } = user ?? own;
  if (isBanned !== undefined) return isBanned ? 2 : Number(isLocked);
  return key ?? null;
}

/** The sort key of lists that are not sorted by `createdAt` by default. */
const defaultOrders: Record<string, string> = {
  auditEntries: "AT",
  deliveries: "RECEIVED_AT",
  erasures: "DELETED_AT",
};

async function readPage(given: List, args: string): Promise<Page> {
  const { parent, field, order } = given;
  const by = order ? `orderBy: { field: ${order.field}, direction: ${order.direction} }` : "";
  const list = `list: ${field}(${args} ${by}) {
    edges { cursor node { id ${keySelection(given)} } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }`;
  const { data, errors } = await send(parents[parent]?.(list) ?? "");
  expect(errors).toBeUndefined();
  return data.list ?? data.parent.list;
}

async function readTotal({ parent, field }: List): Promise<number> {
  const { data } = await send(parents[parent]?.(`list: ${field}(first: 0) { totalCount }`) ?? "");
  return (data.list ?? data.parent.list).totalCount;
}

const quoted = (name: string, cursor: string | null) => (cursor ? `${name}: "${cursor}"` : "");

async function walkForward(list: List, size: number) {
  const nodes: Page["edges"] = [];
  let page = await readPage(list, `first: ${size}`);
  expect(page.pageInfo.hasPreviousPage).toBe(false);
  nodes.push(...page.edges);
  while (page.pageInfo.hasNextPage) {
    page = await readPage(list, `first: ${size} ${quoted("after", page.pageInfo.endCursor)}`);
    expect(page.pageInfo.hasPreviousPage).toBe(true);
    nodes.push(...page.edges);
  }
  return nodes;
}

async function walkBackward(list: List, size: number) {
  const nodes: Page["edges"] = [];
  let page = await readPage(list, `last: ${size}`);
  expect(page.pageInfo.hasNextPage).toBe(false);
  nodes.unshift(...page.edges);
  while (page.pageInfo.hasPreviousPage) {
    page = await readPage(list, `last: ${size} ${quoted("before", page.pageInfo.startCursor)}`);
    expect(page.pageInfo.hasNextPage).toBe(true);
    nodes.unshift(...page.edges);
  }
  return nodes;
}

const idsOf = (edges: Page["edges"]) => edges.map(({ node }) => node.id);

test("the schema's lists are found, and every type with a list has a query in `parents`", () => {
  expect(lists.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["Query.users", "Query.organizations", "Organization.members"]),
  );
  expect(lists.filter(({ parent }) => !parents[parent])).toEqual([]);
});

describe.each(lists)("$name", (list) => {
  // The default order is tested with every page size. One size suffices for the other orders: the same code makes the pages.
  test.each(list.order ? [5] : [1, 2, 5, 100])(
    "pages of %i rows, forward and backward, contain every row of a list once",
    async (size) => {
      const totalCount = await readTotal(list);
      expect(totalCount).toBeGreaterThanOrEqual(creationTimes.length);
      const forward = idsOf(await walkForward(list, size));
      expect(forward).toHaveLength(totalCount);
      expect(new Set(forward).size).toBe(totalCount);
      expect(idsOf(await walkBackward(list, size))).toEqual(forward);
    },
  );

  test("`after` and `before` a cursor return exactly the rows on that side of the cursor's row", async () => {
    const all = await walkForward(list, 100);
    for (const [index, { cursor }] of all.entries()) {
      // The default order is tested at every row, the others at every fifth.
      if (list.order && index % 5 > 0) continue;
      const [after, before] = await Promise.all([
        readPage(list, `first: 100 ${quoted("after", cursor)}`),
        readPage(list, `last: 100 ${quoted("before", cursor)}`),
      ]);
      expect(idsOf(after.edges)).toEqual(idsOf(all.slice(index + 1)));
      expect(idsOf(before.edges)).toEqual(idsOf(all.slice(0, index)));
    }
  });

  test("every order sorts the rows of a list: rows without a value are last, and first in the reverse order", async () => {
    const isText = fromAToZ.has(list.order?.field ?? "");
    const isReversed = (list.order?.direction ?? "DESC") === (isText ? "DESC" : "ASC");
    const keys = (await walkForward(list, 3)).map(({ node }) => keyOf(node));
    const natural = isReversed ? keys.toReversed() : keys;
    const values = natural.filter((key) => key !== null);
    expect(natural.slice(0, values.length)).toEqual(values);
    const isAlwaysSet =
      alwaysDated.has(list.name) ||
      alwaysSet.has(list.order?.field ?? "") ||
      (list.parent === "Organization" && list.order?.field === "ROLE");
    expect(keys.length - values.length).toBeGreaterThanOrEqual(isAlwaysSet ? 0 : 4);
    // Text is sorted by the first 100 characters of its normal form, which ignores case and accents.
    const forms = values.map((value) =>
      isText
        ? String(value).normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().slice(0, 100)
        : value,
    );
    const sorted = forms.toSorted((a, b) => (a < b ? -1 : 1));
    expect(forms).toEqual(isText ? sorted : sorted.reverse());
  });
});

test("a cursor from another order or another list is refused with BAD_USER_INPUT", async () => {
  const cursorOf = (name: string) => {
    const list = lists.find((each) => each.name === name);
    if (!list) throw new Error(`no list ${name}`);
    return readPage(list, "first: 1").then(({ edges }) => edges[0]?.cursor ?? "");
  };
  const byCreation = await cursorOf("Query.users by CREATED_AT DESC");
  expect(byCreation).toBe(await cursorOf("Query.users"));
  const foreign = [
    await cursorOf("Query.users by UPDATED_AT DESC"),
    await cursorOf("Query.users by CREATED_AT ASC"),
    await cursorOf("Query.users by NAME ASC"),
    await cursorOf("Query.organizations"),
  ];
  for (const cursor of foreign) {
    for (const side of ["first: 1 after", "last: 1 before"]) {
      const { errors } = await send(`{ users(${side}: "${cursor}") { totalCount } }`);
      expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
    }
  }
});

/**
 * The table of each list, and the columns that precede the sort key in its index. `Organization.members` lists the rows of one
 * organization, so its index begins with `organization_id`.
 */
const tablesOf: Record<string, [table: string, prefix: string]> = {
  "Query.users": ["users", ""],
  "Query.organizations": ["organizations", ""],
  "Query.invitations": ["invitations", ""],
  "Query.auditEntries": ["audit_log", ""],
  "Query.erasures": ["erasures", ""],
  "Organization.members": ["memberships", "organization_id, "],
};

/** False for the list of deliveries, which sorts by expressions: types/delivery.db.test.ts tests its query plans. */
const isOfColumns = ({ parent, field, order }: List) =>
  order && field !== "deliveries" && !(parent === "Organization" && ofMember.has(order.field));

const nullsLast = (column: string) => `${column} DESC NULLS LAST, id DESC`;

/** The columns of each order's index. */
const indexed: Record<string, string> = {
  CREATED_AT: nullsLast("created_at"),
  JOINED_AT: nullsLast("created_at"),
  UPDATED_AT: nullsLast("updated_at"),
  LAST_ACTIVE_AT: nullsLast("last_active_at"),
  LAST_SIGN_IN_AT: nullsLast("last_sign_in_at"),
  EXPIRES_AT: nullsLast("expires_at"),
  MEMBERS_COUNT: nullsLast("members_count"),
  STATE: nullsLast("sort_state"),
  EMAIL_VERIFIED: nullsLast("is_email_verified"),
  TWO_FACTOR: nullsLast("two_factor_enabled"),
  ADMINS_MAY_DELETE: nullsLast("admin_delete_enabled"),
  NAME: "sort_name, id",
  EMAIL: "sort_email, id",
  USERNAME: "sort_username, id",
  PHONE: "sort_phone, id",
  EXTERNAL_ID: "sort_external_id, id",
  SLUG: "sort_slug, id",
  CREATED_BY: "sort_creator, id",
  STATUS: "sort_status, id",
  ROLE: "sort_role, id",
  ID: "id",
  // Of the audit log, where no time is NULL.
  AT: "at DESC, id DESC",
  ACTION: "action, at DESC, id DESC",
  ACTOR: "actor, at DESC, id DESC",
  SUBJECT: "subject, at DESC, id DESC",
  // Of the erasures, which all have this time.
  DELETED_AT: "deleted_at DESC, id DESC",
};

test.each(lists.filter(isOfColumns))("the list order $name has an index", async (list) => {
  const [table = "", prefix = ""] = tablesOf[`${list.parent}.${list.field}`] ?? [];
  const { rows } = await database().pool.query(
    "SELECT indexdef FROM pg_indexes WHERE tablename = $1 AND schemaname = current_schema()",
    [table],
  );
  expect(rows.map(({ indexdef }) => indexdef)).toContainEqual(
    expect.stringContaining(`(${prefix}${indexed[list.order?.field ?? ""]})`),
  );
});

test("a list returns null for a time that Postgres can store but no client can parse", async () => {
  for (const created_at of [8.64e15, "0000-12-31T23:59:59.999Z"]) {
    const id = clerkId("org");
    await mirrorOrganization(id, { created_at });
    const { data, errors } = await send(
      `{ organizations(query: "${id}") { edges { node { id createdAt } } } }`,
    );
    expect(errors).toBeUndefined();
    expect(data.organizations.edges).toEqual([{ node: { id, createdAt: null } }]);
  }
});

test("a cursor still works after its row is deleted", async () => {
  const users = lists.find(({ name }) => name === "Query.users");
  if (!users) throw new Error("no list of users");
  const [first, second] = await walkForward(users, 100);
  await database().pool.query("UPDATE users SET deleted = true WHERE id = $1", [first?.node.id]);
  const after = await readPage(users, `first: 1 ${quoted("after", first?.cursor ?? "")}`);
  expect(idsOf(after.edges)).toEqual([second?.node.id]);
});

test("a page between two cursors has hasNextPage and hasPreviousPage true", async () => {
  const members = lists.find(({ name }) => name === "Organization.members");
  if (!members) throw new Error("no list of members");
  const all = await walkForward(members, 100);
  const bounds = `${quoted("after", all[1]?.cursor ?? "")} ${quoted("before", all[4]?.cursor ?? "")}`;
  const { edges, pageInfo } = await readPage(members, `first: 100 ${bounds}`);
  expect(idsOf(edges)).toEqual(idsOf(all.slice(2, 4)));
  expect(pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
});

const newest = "User CREATED_AT";
const cursorOf = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

test.each([
  ["text", "x"],
  ["a time before year 1", cursorOf([-62_135_596_800_001, "user_1", newest])],
  ["a time after the last", cursorOf([253_402_300_800_000, "user_1", newest])],
  ["an id that Postgres cannot store", cursorOf([1, "\u0000", newest])],
  ["no id", cursorOf([null, null, newest])],
  ["a text in place of a time", cursorOf(["x", "user_1", newest])],
  ["no order", cursorOf([1, "user_1"])],
])("a cursor with %s is refused with BAD_USER_INPUT", async (_name, cursor) => {
  const { errors } = await send(`{ users(first: 1, after: "${cursor}") { totalCount } }`);
  expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
});

test("cursors with the earliest and the latest allowed time cause no database error", async () => {
  for (const time of [-62_135_596_800_000, 253_402_300_799_999]) {
    const cursor = cursorOf([time, "user_1", newest]);
    const { errors } = await send(
      `{ users(first: 1, after: "${cursor}") { edges { node { id } } } }`,
    );
    expect(errors).toBeUndefined();
  }
});

/** Values that no cursor of ours has, or that Postgres or a parser may stumble over. */
const tampered: unknown[] = [
  ...["", "\u0000", "\ud800", "%_'\"; --", "x".repeat(10_000), "\u202eabc\u200b🙈<b>", "[]", "[1]"],
  ...[{}, [], [null, null], true, 1.5, -1, 1e300, null],
];

test("a cursor with a tampered value returns rows or BAD_USER_INPUT in every order of every list, never a fault", async () => {
  for (const list of lists.filter(
    ({ parent }) => parent === "Query" || parent === "Organization",
  )) {
    const { edges } = await readPage(list, "first: 1");
    const text = Buffer.from(edges[0]?.cursor ?? "", "base64url").toString("utf8");
    const [, id, name]: unknown[] = JSON.parse(text || "[]");
    if (!name) continue;
    const { parent, field, order } = list;
    const by = order ? `orderBy: { field: ${order.field}, direction: ${order.direction} }` : "";
    const side = order?.direction === "ASC" ? "last: 2 before" : "first: 2 after";
    const fields = tampered.map(
      (value, index) =>
        `a${index}: ${field}(${side}: "${cursorOf([value, id, name])}" ${by}) { edges { cursor } }`,
    );
    while (fields.length > 0) {
      const some = fields.splice(0, 8).join(" ");
      const { errors } = await send(parents[parent]?.(some) ?? "");
      for (const error of errors ?? [])
        expect(error, some).toMatchObject({ extensions: { code: "BAD_USER_INPUT" } });
    }
  }
});

const oddTexts = [
  ...["%", "_", "\\", "'", '"', "'; DROP TABLE users; --", "<script>alert(1)</script>", "*", "**"],
  ...["עברית", "\u202e‮abc", "👩‍👩‍👧‍👦", "\u200b", "e\u0301", "x".repeat(10_000)],
];

test("every text of every list's filter may be any text: it finds no row, or is refused as invalid input", async () => {
  for (const name of ["users", "organizations", "invitations", "deliveries", "auditEntries"]) {
    const args = schema.getQueryType()?.getFields()[name]?.args ?? [];
    const input = getNamedType(args.find((arg) => arg.name === "filter")?.type);
    if (!isInputObjectType(input)) throw new Error(`${name} has no filter.`);
    const texts = Object.values(input.getFields()).filter(({ type }) =>
      ["ID", "String"].includes(getNamedType(type).name),
    );
    for (const { name: attribute } of texts) {
      for (const text of oddTexts) {
        if (name === "auditEntries" && attribute === "action" && text.endsWith("*")) continue;
        if (name === "deliveries" && attribute === "type" && /^\*+$/.test(text)) continue;
        const { data, errors } = await askGraphQL(
          { sub: admin },
          `query ($filter: ${input.name}) { list: ${name}(filter: $filter) { totalCount } }`,
          { filter: { [attribute]: text } },
        );
        if (errors)
          expect(errors, attribute).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
        else expect(data.list.totalCount, `${name} ${attribute} ${text.slice(0, 20)}`).toBe(0);
      }
    }
  }
});
