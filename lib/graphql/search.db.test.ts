/** Tests that a search converts the typed words and the stored names to the same normal form before comparing them. */
import { beforeAll, describe, expect, test } from "vitest";
import { clerkId, deletedJson, emailJson, event } from "@/dev/testing/clerk-payloads";
import { askGraphQL } from "@/dev/testing/graphql";
import { caughtUp, listening } from "@/dev/testing/listening";
import {
  deliver,
  mirrorAdmin,
  mirrorMembership,
  mirrorOrganization,
  mirrorUser,
} from "@/dev/testing/mirror";
import { signToken } from "@/dev/testing/sign";
import { database } from "../db";
import { findViewer } from "../identity/viewer";
import { searchDbFor } from "../identity/viewer-db";

const [admin, member] = [clerkId("user"), clerkId("user")];
const organization = clerkId("org");

const send = (query: string, variables: object = {}, sub = admin) =>
  askGraphQL({ sub }, query, variables);

type Edges = { edges: { node: { id: string } }[]; totalCount: number };

async function findUsers(q: string): Promise<string[]> {
  const { data, errors } = await send(
    "query ($q: String) { users(first: 100, query: $q) { totalCount edges { node { id } } } }",
    { q },
  );
  expect(errors).toBeUndefined();
  const found: Edges = data.users;
  expect(found.totalCount).toBe(found.edges.length);
  return found.edges.map(({ node }) => node.id);
}

/** Stores a user with this first name and no other name. Returns the user's id. */
async function named(first_name: string, fields: object = {}): Promise<string> {
  const id = clerkId("user");
  await mirrorUser(id, { first_name, last_name: null, email_addresses: [], ...fields });
  return id;
}

beforeAll(async () => {
  await listening();
  await mirrorAdmin(admin);
  await mirrorUser(member);
  await mirrorOrganization(organization);
  await mirrorMembership(clerkId("orgmem"), member, organization);
  await caughtUp();
});

/** Pairs of a stored name and a search text that must find it. */
const spellings: [stored: string, typed: string][] = [
  ["Jos\u00e9", "Jose\u0301"],
  ["Zoe\u0308", "Zo\u00eb"],
  ["Jos\u00e9", "jose"],
  ["Jose", "jos\u00e9"],
  ["O'Brien", "o\u2019brien"],
  ["O\u2019Brien", "o'brien"],
  ["D\u02bcArcy", "d`arcy"],
  ["D\u00b4Arcy", "d'arcy"],
  ["Ma\u02bfmun", "ma'mun"],
  ["N\ua78bdiaye", "n'diaye"],
  ["Anne\u02d7Marie", "anne-marie"],
  // An Arabic and a Persian keyboard type different characters for the letters yeh and kaf.
  ["\u0639\u0644\u064a", "\u0639\u0644\u06cc"],
  ["\u06a9\u0645\u0627\u0644", "\u0643\u0645\u0627\u0644"],
  ["Stra\u00dfe", "strasse"],
  ["STRASSE", "stra\u00dfe"],
  ["STRA\u1e9eE", "strasse"],
  ["\u0130stanbul", "istanbul"],
  ["D\u0131yarbak\u0131r", "diyarbakir"],
  ["\u039d\u03af\u03ba\u03bf\u03c2", "\u039d\u0399\u039a\u039f\u03a3"],
  ["\u03a3\u039f\u03a6\u039f\u03a3", "\u03c3\u03bf\u03c6\u03cc\u03c2"],
  ["\u0414\u043c\u0438\u0442\u0440\u0438\u0439", "\u0434\u041c\u0418\u0422\u0420\u0418\u0419"],
  ["\ufb01nch", "finch"],
  ["finch", "\ufb01nch"],
  ["\uff21\uff42\uff43", "abc"],
  ["Abc", "\uff21\uff22\uff23"],
  ["Mary\u00a0Ann", "mary ann"],
  ["Anne\u2011Marie", "anne-marie"],
  ["Anne-Marie", "anne\u2013marie"],
  ["S\u00f8ren", "soren"],
  ["\u0141ukasz", "lukasz"],
  ["\u00c6gir", "aegir"],
  ["Ro\u00adbert", "robert"],
  ["Ro\u200dbert", "robert"],
  ["Ro\u200bbert", "robert"],
  ["\u202eRobert", "robert"],
  ["\u10d2\u10d8\u10dd\u10e0\u10d2\u10d8", "\u1c92\u1c98\u1c9d\u1ca0\u1c92\u1c98"],
  ["\u{10400}\u{10401}", "\u{10428}\u{10429}"],
  ["\uae40\ubbfc\uc900", "\uae40\ubbfc"],
  ["\u30ac\u30ae", "\uff76\uff9e"],
  ["\u0645\u064f\u062d\u064e\u0645\u064e\u0651\u062f", "\u0645\u062d\u0645\u062f"],
  ["50%", "50%"],
  ["a_b", "a_b"],
  ["back\\slash", "back\\slash"],
];

test.each(spellings)("a user named %j is found by the search %j", async (stored, typed) => {
  const id = await named(stored);
  expect(await findUsers(typed)).toContain(id);
});

test.each([
  ["%", "Percentless"],
  ["_", "Underscoreless"],
  ["\\", "Backslashless"],
  ["\u304b", "\u304c"],
])("the search %j does not find a user named %j", async (typed, stored) => {
  const id = await named(stored);
  expect(await findUsers(typed)).not.toContain(id);
});

test("a search finds rows with every word, in any order and in any of the columns", async () => {
  const id = await named("Gr\u00e1inne", { last_name: "N\u00ed Mh\u00e1ille", username: "grace" });
  expect(await findUsers("mhaille gr\u00c1inne GRACE")).toEqual([id]);
  expect(await findUsers("mhaille grainne absent")).toEqual([]);
  expect(await findUsers("e ni")).toContain(id);
});

test("a search word is not matched across two columns", async () => {
  await named("Alpha", { last_name: "Beta" });
  expect(await findUsers("alphabeta")).toEqual([]);
});

test("a user is found by part of the e-mail address, and by the whole id", async () => {
  const email_addresses = [emailJson("idn_1", "Dr.Who@Tardis.example")];
  const id = await named("The Doctor", { email_addresses });
  expect(await findUsers("@tardis.EXAMPLE")).toEqual([id]);
  expect(await findUsers(id)).toEqual([id]);
});

test("a renamed user is found by the new name only, and a deleted user is not found", async () => {
  const id = await named("Zephyrine");
  const renamed = { id, first_name: "Zenobia", last_name: null, email_addresses: [] };
  await mirrorUser(id, { ...renamed, updated_at: 1_790_000_001_000 });
  expect(await findUsers("zephyrine")).toEqual([]);
  expect(await findUsers("zenobia")).toEqual([id]);
  await deliver(event("user.deleted", deletedJson(id), 1_790_000_002_000));
  expect(await findUsers("zenobia")).toEqual([]);
  const { rows } = await database().pool.query("SELECT search FROM users WHERE id = $1", [id]);
  expect(rows).toEqual([{ search: null }]);
});

test("a search finds organizations by the normal form of their name, slug and id", async () => {
  const id = clerkId("org");
  await mirrorOrganization(id, { name: "Caf\u00e9 M\u00fcller", slug: "cafe-mueller" });
  for (const q of ["CAFE\u0301 muller", "cafe\u2010mueller", id]) {
    const { data } = await send(
      "query ($q: String) { organizations(query: $q) { totalCount edges { node { id } } } }",
      { q },
    );
    expect(data.organizations).toEqual({ totalCount: 1, edges: [{ node: { id } }] });
  }
});

test("a member's search finds members of their organization by the normal form of the name, and no other users", async () => {
  const [inside, outside] = [await named("Ren\u00e9e"), await named("Ren\u00e9e")];
  await mirrorMembership(clerkId("orgmem"), inside, organization);
  await caughtUp();
  const query = `query ($q: String) { organization(id: "${organization}") { members(query: $q) { totalCount edges { node { user { id } } } } } }`;
  const { data } = await send(query, { q: "RENEE" }, member);
  expect(data.organization.members).toEqual({
    totalCount: 1,
    edges: [{ node: { user: { id: inside } } }],
  });
  expect(outside).not.toBe(inside);
});

test.each([
  "+1 (202) 555-0147",
  "202.555.0147",
  "+1 (0)202 555 0147",
  "0202 555 0147",
  "+12025550147",
  "555 0147",
])("a user with the phone number +12025550147 is found by the search %j", async (typed) => {
  const phone_numbers = [{ id: "idn_1", phone_number: "+12025550147" }];
  const id = await named("Dialled", { phone_numbers });
  expect(await findUsers(typed)).toContain(id);
  expect(await findUsers("202 555 0148")).toEqual([]);
});

test("a member's search does not find other members by attributes that the member may not read", async () => {
  const hidden = {
    username: "Jocelyn_B",
    external_id: "customer-4711",
    email_addresses: [
      emailJson("idn_1", "jo@visible.example"),
      emailJson("idn_2", "secret@elsewhere.example"),
    ],
    primary_email_address_id: "idn_1",
    phone_numbers: [{ id: "idn_3", phone_number: "+12025550199" }],
    primary_phone_number_id: "idn_3",
  };
  const id = await named("Jocelyn", { ...hidden, last_name: "Bell" });
  await mirrorMembership(clerkId("orgmem"), id, organization);
  await caughtUp();
  const query = `query ($q: String) { organization(id: "${organization}") { members(query: $q) { edges { node { user { id } } } } } }`;
  const found = async (q: string, sub: string) =>
    (await send(query, { q }, sub)).data.organization.members.edges.length;
  for (const q of ["jocelyn", "BELL jo@visible", "jocelyn_b", id]) {
    expect({ q, found: await found(q, member) }).toEqual({ q, found: 1 });
  }
  for (const q of ["+12025550199", "0199", "202 555 0199", "secret@", "4711"]) {
    expect({ q, found: await found(q, member) }).toEqual({ q, found: 0 });
    expect({ q, found: await found(q, admin) }).toEqual({ q, found: 1 });
  }
});

test("a search that has only invisible characters is treated as empty", async () => {
  expect(await findUsers("\u200b\u00ad")).toEqual(await findUsers(""));
});

test.each([
  ["9 words", "a b c d e f g h i"],
  ["201 characters", "a".repeat(201)],
])("a search of %s is refused with BAD_USER_INPUT", async (_name, q) => {
  const { errors } = await send("query ($q: String) { users(query: $q) { totalCount } }", { q });
  expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
});

test("a search of 200 characters that each normalize to a phrase returns no error", async () => {
  expect(await findUsers("\ufdfa".repeat(200))).toEqual([]);
});

test("only a platform admin may sort members by their state, which members cannot read", async () => {
  const query = `{ organization(id: "${organization}") { members(orderBy: { field: STATE }) { edges { node { id } } } } }`;
  expect((await send(query, {}, member)).errors).toMatchObject([
    { extensions: { code: "FORBIDDEN" } },
  ]);
  expect((await send(query)).errors).toBeUndefined();
});

test("searchDbFor returns the client without row level security only for a platform admin", async () => {
  const viewerOf = async (sub: string) => {
    const token = signToken(process.env.TEST_PRIVATE_KEY ?? "", { sub });
    return (await findViewer(new Headers({ authorization: `Bearer ${token}` }))).viewer;
  };
  expect(() => searchDbFor(null)).toThrow("Only a platform admin");
  const viewer = await viewerOf(member);
  expect(viewer).toMatchObject({ isAdmin: false });
  expect(() => searchDbFor(viewer)).toThrow("Only a platform admin");
  expect(searchDbFor(await viewerOf(admin))).toBe(database().prisma);
});

test.each(["users", "organizations"])(
  "a member's search of all %s is refused, and its result has no data",
  async (list) => {
    const query = `{ ${list}(query: "a") { totalCount edges { node { id } } } }`;
    const { data, errors } = await send(query, {}, member);
    expect([data, errors]).toMatchObject([null, [{ extensions: { code: "FORBIDDEN" } }]]);
  },
);

test.each([
  ["\u3164", { username: "\u200b" }, "nora@example.com"],
  [" ", { last_name: "\u2800", email_addresses: [] }, null],
])(
  "a user whose first name is %j is listed by the e-mail address, or else the id",
  async (first_name, fields, name) => {
    const email_addresses = [emailJson("idn_1", "nora@example.com")];
    const id = clerkId("user");
    await mirrorUser(id, { first_name, last_name: null, email_addresses, ...fields });
    const { data } = await send(`{ users(query: "${id}") { edges { node { name } } } }`);
    expect(data.users.edges).toEqual([{ node: { name: name ?? id } }]);
    await caughtUp();
    const { data: own } = await send("{ viewer { name } }", {}, id);
    expect(own.viewer.name).toBe(name ?? id);
  },
);

test("an organization without a visible name or slug is listed by its id", async () => {
  const id = clerkId("org");
  await mirrorOrganization(id, { name: "\u00ad", slug: "\u200b" });
  const { data } = await send(`{ organizations(query: "${id}") { edges { node { name } } } }`);
  expect(data.organizations.edges).toEqual([{ node: { name: id } }]);
});

describe("search_form", () => {
  /**
   * Characters left out of the test, because an upper case, lower case or normalization form of each has another search form.
   * They are accents without a letter, the Greek iota below a vowel, and a letter newer than Postgres's Unicode.
   */
  const EXCEPTIONS = /\u00b4|\u1ffd|\u1fef|\ua7f1|\u0345/u;
  const points = Array.from({ length: 0x110000 }, (_, point) => point)
    .filter((point) => point > 0 && (point < 0xd800 || point > 0xdfff))
    .map((point) => String.fromCodePoint(point))
    // Leaves out ideographs, Hangul syllables and private-use characters: there are very many of them, and they behave alike.
    .filter(
      (char) => /\p{Assigned}/u.test(char) && !/[\p{Ideographic}\p{Co}\uac00-\ud7a3]/u.test(char),
    );

  /** Returns the pairs whose two texts have different search forms. */
  async function differing(pairs: [string, string][]): Promise<string[]> {
    const { rows } = await database().pool.query<{ one: string; other: string }>(
      `SELECT one, other FROM unnest($1::text[], $2::text[]) AS pair(one, other)
       WHERE btrim(search_form(one)) <> btrim(search_form(other))`,
      [pairs.map(([one]) => one), pairs.map(([, other]) => other)],
    );
    return rows.map(({ one, other }) => `${one} ${other}`);
  }

  /**
   * Resolves to the characters whose decomposition Postgres does not know. normalize() uses the Unicode version of the server's
   * release (13 in Postgres 14), and Node has a newer version. Postgres 18 knows all but one of the characters.
   */
  async function laterThanServer(): Promise<Set<string>> {
    const { rows } = await database().pool.query<{ c: string; version: number }>(
      `SELECT c, current_setting('server_version_num')::int / 10000 AS version
       FROM unnest($1::text[], $2::text[]) AS t (c, form) WHERE normalize(c, NFKD) <> form`,
      [points, points.map((char) => char.normalize("NFKD"))],
    );
    expect(rows.length).toBeLessThan(250);
    expect(rows.filter(({ c, version }) => version >= 18 && !EXCEPTIONS.test(c))).toEqual([]);
    return new Set(rows.map(({ c }) => c));
  }

  test("search_form maps each character's lower case, upper case and Unicode normalization forms to the same text", async () => {
    const variants = (char: string) =>
      [
        char.toUpperCase(),
        char.toLowerCase(),
        char.normalize("NFD"),
        char.normalize("NFKD"),
        char.normalize("NFC"),
      ].filter((variant) => variant !== char);
    const later = await laterThanServer();
    const compared = points.filter(
      (char) => !EXCEPTIONS.test(char + char.normalize("NFD")) && !later.has(char),
    );
    const pairs = compared.flatMap((char) =>
      variants(char).map((variant): [string, string] => [char, variant]),
    );
    expect(pairs.length).toBeGreaterThan(8_000);
    expect(await differing(pairs)).toEqual([]);
  });

  test("search_form is idempotent for every character", async () => {
    const { rows } = await database().pool.query(
      "SELECT c FROM unnest($1::text[]) AS c WHERE search_form(search_form(c)) <> search_form(c)",
      [points],
    );
    expect(rows).toEqual([]);
  });
});

test("a search of 20,000 users reads the trigram index", async () => {
  // A statement has 4 s, which a busy machine may need for all of them.
  for (let from = 1; from <= 20_000; from += 4_000) {
    await database().pool.query(
      `INSERT INTO users (id, version, first_name, last_name, email)
       SELECT 'user_x' || n, 1, 'First' || n, 'Last' || n, 'mail' || n || '@example.com' FROM generate_series($1::int, $1::int + 3999) n`,
      [from],
    );
  }
  await database().pool.query("ANALYZE users");
  const { rows } = await database().pool.query<{ "QUERY PLAN": string }>(
    `EXPLAIN SELECT id FROM users WHERE NOT deleted AND version > 0 AND (search LIKE '%first12345%' OR id = 'first12345')
     ORDER BY created_at DESC NULLS LAST, id DESC LIMIT 51`,
  );
  expect(rows.map((row) => row["QUERY PLAN"]).join("\n")).toContain("users_search_idx");
});
