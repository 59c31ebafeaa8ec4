/** Tests the counts of long lists, and the similar rows that a search without a match returns. */
import { beforeAll, expect, test } from "vitest";
import { clerkId } from "@/dev/testing/clerk-payloads";
import { askGraphQL } from "@/dev/testing/graphql";
import { caughtUp, listening } from "@/dev/testing/listening";
import { mirrorAdmin, mirrorOrganization, mirrorUser } from "@/dev/testing/mirror";
import { database } from "../db";
import { isEstimated } from "./types/estimate";

const admin = clerkId("user");
const [amara, banned] = [clerkId("user"), clerkId("user")];

beforeAll(async () => {
  await listening();
  await mirrorAdmin(admin);
  await mirrorUser(amara, { first_name: "Amara", last_name: "Okafor" });
  await mirrorUser(banned, { first_name: "Amara", last_name: "Okafar", banned: true });
  await mirrorOrganization(clerkId("org"), { name: "Northwind Press", slug: "northwind" });
  await caughtUp();
});

async function send(query: string, variables: object = {}) {
  const { data, errors } = await askGraphQL({ sub: admin }, query, variables);
  expect(errors).toBeUndefined();
  return data;
}

type Edge = { node: { id: string; name: string } };

async function similarTo(query: string, filter: object | null = null) {
  const { users } = await send(
    `query ($query: String, $filter: UserFilter) {
      users(query: $query, filter: $filter, orSimilar: true) {
        isSimilar count { number precision } edges { node { id name } } pageInfo { hasNextPage }
      }
    }`,
    { query, filter },
  );
  const names = users.edges.map(({ node }: Edge) => node.name);
  expect(users.count).toEqual({ number: names.length, precision: "EXACT" });
  return { names, isSimilar: users.isSimilar };
}

test("a search with a typo returns the similar users, the most similar first, and isSimilar: true", async () => {
  expect(await similarTo("amarra okafor")).toEqual({
    names: ["Amara Okafor", "Amara Okafar"],
    isSimilar: true,
  });
  expect(await similarTo("okafor")).toEqual({ names: ["Amara Okafor"], isSimilar: false });
});

test("a search with a typo returns only similar users that match the filter, and none if a short word of the search does not occur", async () => {
  const filter = { state: "BANNED" };
  expect((await similarTo("amara okafro", filter)).names).toEqual(["Amara Okafar"]);
  expect(await similarTo("okafro zq")).toEqual({ names: [], isSimilar: false });
});

test.each(["", "%%%%", "____", "'; --", "\u0000", "🙈🙈🙈🙈", "qqqqqqqq"])(
  "the search %j has no similar users and no error",
  async (query) => {
    expect((await similarTo(query)).isSimilar).toBe(false);
  },
);

test("a search returns similar rows only with orSimilar: true", async () => {
  const { users, organizations } = await send(
    `{ users(query: "okafro") { isSimilar totalCount }
       organizations(query: "nortwhind", orSimilar: true) { isSimilar edges { node { name } } } }`,
  );
  expect(users).toEqual({ isSimilar: false, totalCount: 0 });
  expect(organizations).toEqual({
    isSimilar: true,
    edges: [{ node: { name: "Northwind Press" } }],
  });
});

test("a list of more than 10,000 rows has an estimated count without a filter and with a search", async () => {
  await database().pool.query(
    `INSERT INTO users (id, version, created_at, first_name)
     SELECT 'user_many' || n, 1, CASE WHEN n % 3 > 0 THEN now() - n * interval '1 min' END, 'Many'
     FROM generate_series(1, 10001) AS n`,
  );
  await database().pool.query("ANALYZE users");
  const { users, many } = await send(
    `{ users(first: 1) { count { number precision } totalCount }
       many: users(first: 1, query: "many") { count { number precision } } }`,
  );
  expect(users.count.precision).toBe("ESTIMATE");
  expect(Math.abs(users.count.number - users.totalCount)).toBeLessThan(500);
  expect(many.count.precision).toBe("ESTIMATE");
  expect(Math.abs(many.count.number - 10_001)).toBeLessThan(500);
});

test.each([
  ["of certainly more than 10,000 rows is estimated", { rows: 1_000_000, cost: 100_000 }, true],
  ["of perhaps more than 10,000 rows is counted", { rows: 12_000, cost: 9_000 }, false],
  ["of few rows that an index finds is counted", { rows: 300, cost: 1_200 }, false],
  ["of few rows among many is estimated", { rows: 300, cost: 100_000 }, true],
  ["of no row among many is estimated", { rows: 0, cost: 100_000 }, true],
])("a list %s", (_name, plan, expected) => {
  expect(isEstimated(plan)).toBe(expected);
});
