/**
 * `npm run bench:console`: the lists of the console over many rows, through the GraphQL resolvers in process, as a platform admin:
 * first and deep page, searches, each order, each filter alone and each two together, and an export. Starts its own Postgres, which
 * it fills with `--users`, `--organizations` and `--deliveries` rows; `--keep FOLDER` keeps them for the next run, `--only LIST` measures
 * one list, and `--rounds` is how often each request is sent. Prints ms, and the number of statements that read data. Exits with 1 if a target is missed.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { isEnumType, isInputObjectType } from "graphql";
import pg from "pg";
import { closeDatabase } from "../../lib/db";
import { runMain, UserError } from "../../lib/errors";
import { answerExport } from "../../lib/export/http";
import { type Context, contextOf } from "../../lib/graphql/context";
import { schema } from "../../lib/graphql/schema";
import { apolloServer } from "../../lib/graphql/server";
import { listener } from "../../lib/live/listener";
import { migrate } from "../../prisma/migrate";
import { createDatabase, dropDatabase, startPostgres, withClient } from "../postgres/server";
import { makeKeys, testEnvironment } from "../testing/environment";
import { signToken } from "../testing/sign";
import { insertRows, type Sizes, sampleIds } from "./console-rows";
import { quantile } from "./load";
import { countStatements, statements } from "./statements";

const P95_MS = 50;
const SLOWEST_MS = 200;
const DEEP_RATIO = 1.3;
const STATEMENTS = 3;
const EXPORT_RATE = 20_000;

const ADMIN = "user_bench_admin";

const say = (line: string) => process.stdout.write(`${line}\n`);

type Variables = Record<string, unknown>;
type List = {
  name: string;
  /** The prefix of the list's input types, such as `User` in `UserFilter`. */
  type: string;
  text: string;
  searches: [name: string, query: string][];
  /** At least one value for each attribute of the filter. */
  filters: Record<string, unknown[]>;
};

const listQuery = (field: string, type: string, selected: string, more = "") =>
  `query ($query: String, $filter: ${type}Filter, $orderBy: ${type}Order, $first: Int, $after: String, $last: Int, $before: String) {
    ${field}(query: $query, filter: $filter, orderBy: $orderBy${more}, first: $first, after: $after, last: $last, before: $before) {
      count { number precision } edges { node { ${selected} } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }`;

const DAY = 86_400_000;
const between = (firstDay: number, lastDay: number) => ({
  from: new Date(Date.now() - firstDay * DAY).toISOString(),
  until: new Date(Date.now() - lastDay * DAY).toISOString(),
});
const aWeek = between(107, 100);
const aYear = between(500, 135);

type Ids = Awaited<ReturnType<typeof sampleIds>>;

const listsOf = (ids: Ids): List[] => [
  {
    name: "users",
    type: "User",
    text: listQuery(
      "users",
      "User",
      "id name email imageUrl isAdmin isBanned isLocked isDeleted username phoneNumber externalId isEmailVerified twoFactorEnabled updatedAt createdAt lastActiveAt lastSignInAt",
      ", orSimilar: true",
    ),
    searches: [
      ["1 word, frequent", "anna"],
      ["1 word, in every row", "example"],
      ["1 word, rare", "anna.54321"],
      ["1 word, without a match", "qqzzxxy"],
      ["1 word, mistyped", "lindqvsit"],
      ["2 letters", "an"],
      ["2 letters, rare", "qx"],
      ["2 words, frequent", "anna castro"],
      ["2 words, one rare", "anna crm-54321"],
      ["3 words", "castro anna example"],
      ["3 words, two letters each", "an ca ex"],
      ["an id", ids.user],
    ],
    filters: {
      state: ["ACTIVE", "LOCKED", "BANNED", "DELETED"],
      primaryEmail: ["VERIFIED", "UNVERIFIED", "NONE"],
      hasPassword: [true, false],
      hasTwoFactor: [true],
      hasPasskey: [true, false],
      provider: ["oauth_google", "oauth_apple", "oauth_none"],
      hasOrganization: [true, false],
      externalId: ["crm-54321"],
      createdAt: [aWeek, aYear],
      updatedAt: [aWeek],
      lastActiveAt: [aWeek, aYear],
      lastSignInAt: [aWeek],
      isAdmin: [true],
      isDrifted: [true, false],
      ids: [[ids.user]],
    },
  },
  {
    name: "organizations",
    type: "Organization",
    text: listQuery(
      "organizations",
      "Organization",
      "id name slug imageUrl membersCount createdBy adminDeleteEnabled maxAllowedMemberships createdAt updatedAt",
      ", orSimilar: true",
    ),
    searches: [
      ["1 word, frequent", "acme"],
      ["1 word, rare", "press-54321"],
      ["1 word, without a match", "qqzzxxy"],
      ["2 letters", "ac"],
      ["2 words", "acme press"],
      ["3 words", "press acme zephyr"],
      ["an id", ids.organization],
    ],
    filters: {
      state: ["ACTIVE", "DELETED"],
      membersCount: [{ min: 1 }, { min: 1_000 }, { max: 0 }],
      hasMemberLimit: [true, false],
      maxAllowedMemberships: [{ min: 50 }],
      createdBy: [ids.user],
      createdAt: [aWeek, aYear],
      updatedAt: [aWeek],
      isDrifted: [true],
      ids: [[ids.organization]],
    },
  },
  {
    name: "deliveries",
    type: "Delivery",
    text: listQuery(
      "deliveries",
      "Delivery",
      "id type objectId outcome attempts error unread receivedAt occurredAt settledAt delayMs",
    ),
    searches: [["an object", ids.user]],
    filters: {
      type: ["user.created", "user.*", "*.deleted", "none.*"],
      outcome: ["APPLIED", "IGNORED", "DEAD", "PENDING"],
      list: ["PARTIAL", "UNKNOWN"],
      objectId: [ids.user],
      delaySeconds: [{ min: 5 }, { max: 1 }],
      receivedAt: [between(21, 20), between(80, 20)],
    },
  },
  {
    name: "invitations",
    type: "Invitation",
    text: listQuery(
      "invitations",
      "Invitation",
      "id email role roleName status expiresAt createdAt organizationId organizationName inviterId inviterName",
    ),
    searches: [["a part of the address", "anna.5"]],
    filters: {
      status: ["PENDING", "ACCEPTED", "REVOKED", "EXPIRED"],
      role: ["org:admin"],
      organizationId: [ids.organization],
      inviterId: [ids.user],
      expiresAt: [aWeek],
      createdAt: [aWeek],
      ids: [["orginv_none"]],
    },
  },
  {
    name: "members of the largest organization",
    type: "Member",
    text: `query ($query: String, $filter: MemberFilter, $orderBy: MemberOrder, $first: Int, $after: String, $last: Int, $before: String) {
      organization(id: "${ids.organization}") {
        members(query: $query, filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
          count { number precision } edges { node { id role roleName createdAt user { id name email imageUrl isBanned isLocked } } }
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        }
      }
    }`,
    searches: [
      ["1 word, frequent", "anna"],
      ["2 words", "anna castro"],
    ],
    filters: { role: ["org:admin"], joinedAt: [aWeek], ids: [["orgmem_none"]] },
  },
  {
    name: "audit",
    type: "Audit",
    text: listQuery(
      "auditEntries",
      "Audit",
      "id at actor actorName action subject subjectName reason",
    )
      .replace("$query: String, ", "")
      .replace("query: $query, ", ""),
    searches: [],
    filters: {
      actor: [ids.admin],
      action: ["user.banned", "user.*"],
      subject: [ids.user],
      at: [aWeek],
    },
  },
];

/** The values of the list's order, and a check that each attribute of its filter has a sample. */
function ordersOf({ type, filters }: List): string[] {
  const [filter, order] = [schema.getType(`${type}Filter`), schema.getType(`${type}OrderField`)];
  if (!isInputObjectType(filter) || !isEnumType(order))
    throw new Error(`The schema has no list of ${type}.`);
  const missing = Object.keys(filter.getFields()).filter((name) => !(name in filters));
  if (missing.length > 0) throw new Error(`No sample for ${missing.join(", ")} of ${type}Filter.`);
  return order.getValues().map(({ name }) => name);
}

type PageInfo = { startCursor: string | null; hasPreviousPage: boolean };

function pageInfoOf(value: unknown): PageInfo | null {
  if (typeof value !== "object" || value === null) return null;
  if ("pageInfo" in value) {
    const { pageInfo } = value;
    return typeof pageInfo === "object" && pageInfo !== null && "startCursor" in pageInfo
      ? {
          startCursor: typeof pageInfo.startCursor === "string" ? pageInfo.startCursor : null,
          hasPreviousPage: "hasPreviousPage" in pageInfo && pageInfo.hasPreviousPage === true,
        }
      : null;
  }
  for (const each of Object.values(value)) {
    const found = pageInfoOf(each);
    if (found) return found;
  }
  return null;
}

/** Sends one operation. Resolves to its ms, its statements and the info of its page. */
async function send(context: Context, text: string, variables: Variables) {
  statements.sent = 0;
  const startedAt = performance.now();
  const { body } = await apolloServer().executeOperation(
    { query: text, variables },
    // Each operation has a request's own caches.
    { contextValue: { ...context } },
  );
  const ms = performance.now() - startedAt;
  if (body.kind !== "single" || body.singleResult.errors)
    throw new Error(`${JSON.stringify(variables)}: ${JSON.stringify(body)}`);
  return { ms, statements: statements.sent, page: pageInfoOf(body.singleResult.data) };
}

type Measured = { name: string; p50: number; p95: number; max: number; statements: number };

async function measure(
  context: Context,
  text: string,
  name: string,
  variables: Variables,
  rounds: number,
): Promise<Measured> {
  for (let round = 0; round < Math.min(3, rounds); round += 1) await send(context, text, variables);
  const results: Awaited<ReturnType<typeof send>>[] = [];
  while (results.length < rounds) results.push(await send(context, text, variables));
  const times = results.map(({ ms }) => ms);
  return {
    name,
    p50: quantile(times, 0.5),
    p95: quantile(times, 0.95),
    max: Math.max(...times),
    statements: Math.max(...results.map((result) => result.statements)),
  };
}

const isMissed = ({ p95, max, statements }: Measured) =>
  p95 > P95_MS || max > SLOWEST_MS || statements > STATEMENTS;

function print(measured: Measured): void {
  const { name, p50, p95, max } = measured;
  const times = [p50, p95, max].map((ms) => ms.toFixed(1).padStart(8)).join("");
  say(
    `  ${name.padEnd(66)}${times}${String(measured.statements).padStart(4)}${isMissed(measured) ? "  MISSED" : ""}`,
  );
}

const labelOf = (filter: Variables) =>
  Object.entries(filter)
    .map(([name, value]) => {
      if (value === aWeek) return `${name} in a week`;
      if (value === aYear) return `${name} in a year`;
      return `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`;
    })
    .join(", ")
    .replaceAll(/T[\d:.]+Z|"/g, "");

/** Measures all requests of one list. Resolves to the number of missed targets. */
async function benchList(context: Context, list: List, rounds: number): Promise<number> {
  const { name, text, searches, filters } = list;
  const orders = ordersOf(list);
  say(`\n${name.padEnd(68)}  p50 ms  p95 ms  max ms  statements`);
  const all: Measured[] = [];
  const run = async (label: string, variables: Variables, rounds: number) => {
    const measured = await measure(context, text, label, { first: 50, ...variables }, rounds);
    all.push(measured);
    return measured;
  };
  let missed = 0;
  for (const field of orders) {
    for (const direction of ["DESC", "ASC"]) {
      const orderBy = { field, direction };
      const end = await send(context, text, { orderBy, last: 100 });
      const deepVariables = { first: 50, after: end.page?.startCursor, orderBy };
      const [first, deep]: number[][] = [[], []];
      let count = 0;
      // In turn, so that other load on the machine affects both.
      for (let round = -Math.min(5, rounds); round < 2 * rounds; round += 1) {
        const one = await send(context, text, { first: 50, orderBy });
        const other = await send(context, text, deepVariables);
        count = Math.max(one.statements, other.statements);
        if (round < 0) continue;
        first?.push(one.ms);
        deep?.push(other.ms);
      }
      const of = (label: string, times: number[] = []): Measured => ({
        name: label,
        p50: quantile(times, 0.5),
        p95: quantile(times, 0.95),
        max: Math.max(...times),
        statements: count,
      });
      const both = [
        of(`by ${field} ${direction}, first page`, first),
        of(`by ${field} ${direction}, last but one page`, deep),
      ];
      both.forEach(print);
      all.push(...both);
      const ratio = quantile(deep ?? [], 0.5) / quantile(first ?? [], 0.5);
      if (ratio > DEEP_RATIO) {
        missed += 1;
        say(`  deep ÷ first is ${ratio.toFixed(2)}  MISSED`);
      }
    }
  }
  for (const [label, query] of searches) print(await run(`search: ${label}`, { query }, rounds));
  const samples = Object.entries(filters).flatMap(([attribute, values]) =>
    values.map((value) => ({ attribute, value })),
  );
  for (const { attribute, value } of samples) {
    const filter = { [attribute]: value };
    print(await run(`filter: ${labelOf(filter)}`, { filter }, rounds));
    // The order of the list itself may be the one that suits the filter.
    for (const field of orders.slice(1)) {
      const sorted = await run(
        `filter: ${labelOf(filter)}, by ${field}`,
        { filter, orderBy: { field, direction: "ASC" } },
        Math.ceil(rounds / 4),
      );
      if (isMissed(sorted)) print(sorted);
    }
  }
  let pairs = 0;
  for (const [index, one] of samples.entries()) {
    for (const other of samples.slice(index + 1)) {
      if (one.attribute === other.attribute) continue;
      pairs += 1;
      const filter = { [one.attribute]: one.value, [other.attribute]: other.value };
      const measured = await run(`filters: ${labelOf(filter)}`, { filter }, Math.ceil(rounds / 4));
      if (isMissed(measured)) print(measured);
    }
  }
  missed += all.filter(isMissed).length;
  print({
    name: `worst of ${all.length} requests, ${pairs} of them with two filters`,
    p50: Math.max(...all.map(({ p50 }) => p50)),
    p95: Math.max(...all.map(({ p95 }) => p95)),
    max: Math.max(...all.map(({ max }) => max)),
    statements: Math.max(...all.map((each) => each.statements)),
  });
  return missed;
}

const megabytes = (bytes: number) => Math.round(bytes / 1e6);

/** Exports all users as CSV. `rows`: disconnects after that many, like a client that closes the download. */
async function exportUsers(headers: Headers, rows = Number.POSITIVE_INFINITY) {
  const search = new URLSearchParams({
    list: "users",
    format: "csv",
    fields: "id,name,email,state,last-active,last-sign-in,created",
  });
  const url = `https://rollcall.test/api/console/export?${search}`;
  const response = await answerExport(new Request(url, { headers }));
  if (!response.ok || !response.body) throw new Error(`The export answered ${response.status}.`);
  const reader = response.body.getReader();
  const startedAt = performance.now();
  const used: number[] = [];
  let lines = -1;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    for (const byte of value) if (byte === 10) lines += 1;
    used.push(process.memoryUsage().rss);
    if (lines >= rows) {
      await reader.cancel();
      break;
    }
  }
  const half = Math.floor(used.length / 2);
  return {
    lines,
    rate: (lines * 1_000) / (performance.now() - startedAt),
    memory: { first: Math.max(...used.slice(0, half)), second: Math.max(...used.slice(half)) },
  };
}

async function benchExport(headers: Headers, client: pg.Client, users: number): Promise<number> {
  await exportUsers(headers, 20_000);
  const { rows } = await client.query(
    "SELECT FROM pg_stat_activity WHERE state <> 'idle' AND datname = current_database() AND pid <> pg_backend_pid()",
  );
  say(`\nafter an aborted export, ${rows.length} statements still run`);
  const { lines, rate, memory } = await exportUsers(headers);
  say(
    `export of ${lines} of ${users} users: ${Math.round(rate)} rows/s; at most ${megabytes(memory.first)} MB in its first half, ${megabytes(memory.second)} MB in its second`,
  );
  return Number(rows.length > 0) + Number(rate < EXPORT_RATE);
}

function optionsOf() {
  const { values } = parseArgs({
    options: {
      users: { type: "string", default: "1000000" },
      organizations: { type: "string", default: "1000000" },
      deliveries: { type: "string", default: "5000000" },
      rounds: { type: "string", default: "20" },
      only: { type: "string", multiple: true },
      keep: { type: "string" },
    },
  });
  const size = (text: string) => {
    const count = Number(text);
    if (!Number.isInteger(count) || count < 100_000 || count > 9_999_999)
      throw new UserError("A size is a whole number from 100,000 to 9,999,999.");
    return count;
  };
  const { users, organizations, deliveries, only, keep } = values;
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new UserError("The number of rounds is a whole number from 1.");
  const sizes: Sizes = {
    users: size(users),
    organizations: size(organizations),
    deliveries: size(deliveries),
  };
  return { sizes, rounds, only, keep };
}

/** The URL of the filled database. Reuses the rows of an earlier run with the same sizes. */
async function filledDatabase(serverUrl: string, sizes: Sizes): Promise<string> {
  const name = `bench_${sizes.users}_${sizes.organizations}_${sizes.deliveries}`;
  const exists = await withClient(serverUrl, async (client) => {
    const { rows } = await client.query("SELECT FROM pg_database WHERE datname = $1", [name]);
    return rows.length > 0;
  });
  if (exists) {
    const url = new URL(serverUrl);
    url.pathname = `/${name}`;
    await migrate(url.href);
    return url.href;
  }
  await dropDatabase(serverUrl, `${name}_unfinished`);
  const unfinished = await createDatabase(serverUrl, `${name}_unfinished`);
  await migrate(unfinished);
  await withClient(unfinished, async (client) => {
    await insertRows(client, sizes, say);
    await client.query(
      "INSERT INTO users (id, version, is_admin, first_name, created_at) VALUES ($1, 1, true, 'Bench', now())",
      [ADMIN],
    );
  });
  await withClient(serverUrl, (client) =>
    client.query(`ALTER DATABASE ${name}_unfinished RENAME TO ${name}`),
  );
  const url = new URL(unfinished);
  url.pathname = `/${name}`;
  return url.href;
}

async function main(): Promise<void> {
  const { sizes, rounds, only, keep } = optionsOf();
  const folder = keep ? resolve(keep) : mkdtempSync(join(tmpdir(), "rollcall-bench-"));
  mkdirSync(folder, { recursive: true });
  const postgres = await startPostgres({ dataDir: join(folder, "postgres") });
  try {
    const url = await filledDatabase(postgres.url, sizes);
    const keys = makeKeys();
    Object.assign(process.env, testEnvironment(keys, url));
    const token = signToken(keys.privateKey, {
      sub: ADMIN,
      sid: "sess_bench",
      azp: undefined,
      exp: Math.floor(Date.now() / 1000) + 7_200,
    });
    const headers = new Headers({ authorization: `Bearer ${token}` });
    countStatements();
    const context = await contextOf(headers, "bench");
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    let missed = 0;
    try {
      for (const list of listsOf(await sampleIds(client, sizes)))
        if (!only || only.includes(list.name)) missed += await benchList(context, list, rounds);
      if (!only || only.includes("export"))
        missed += await benchExport(headers, client, sizes.users);
    } finally {
      await client.end();
    }
    say(
      `\nto reach: p95 ${P95_MS} ms, none over ${SLOWEST_MS} ms, ${STATEMENTS} statements, deep ÷ first ${DEEP_RATIO}, export ${EXPORT_RATE} rows/s`,
    );
    say(missed === 0 ? "all reached" : `${missed} missed`);
    if (missed > 0) process.exitCode = 1;
  } finally {
    listener().stop();
    await closeDatabase();
    await postgres.stop();
    if (!keep) rmSync(folder, { recursive: true, force: true });
  }
}

await runMain(main);
