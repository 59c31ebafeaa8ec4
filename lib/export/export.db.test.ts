/**
 * Tests exports through the real route: access, rows and fields, formats, formulas, speed, an aborted export, and the audit log.
 */
import { beforeAll, expect, test } from "vitest";
import { GET, POST } from "@/app/api/console/export/route";
import { clerkId } from "@/dev/testing/clerk-payloads";
import { caughtUp, listening } from "@/dev/testing/listening";
import {
  mirrorAdmin,
  mirrorMembership,
  mirrorOrganization,
  mirrorUser,
} from "@/dev/testing/mirror";
import { signToken } from "@/dev/testing/sign";
import { database } from "../db";

const [admin, member, demoted] = [clerkId("user"), clerkId("user"), clerkId("user")];
const MANY = 16_000;
const BATCH = 2_000;

beforeAll(async () => {
  await listening();
  await mirrorAdmin(admin);
  await mirrorAdmin(demoted);
  await mirrorUser(member);
  await mirrorUser(clerkId("user"), { first_name: "=HYPERLINK(1)", last_name: null, banned: true });
  await mirrorUser(clerkId("user"), {
    first_name: 'Ann "A", b',
    last_name: "ניר 🙈",
    banned: true,
  });
  await mirrorOrganization(clerkId("org"), { name: "+1 Club", slug: "plus-one" });
  await caughtUp();
  for (let from = 1; from <= MANY; from += BATCH) {
    await database().pool.query(
      `INSERT INTO users (id, version, created_at, first_name, email)
       SELECT 'user_many' || n, 1, CASE WHEN n % 10 > 0 THEN now() - n * interval '1 min' END, 'Many', n || '@many.example'
       FROM generate_series($1::int, $2::int) AS n`,
      [from, from + BATCH - 1],
    );
  }
});

type Given = {
  list?: string;
  format?: string;
  fields?: string;
  variables?: object | string;
};

function ask(given: Given, sub: string | null = admin, claims = {}, signal?: AbortSignal) {
  const { variables = {}, ...rest } = given;
  const search = new URLSearchParams({
    ...{ list: "users", format: "csv", fields: "name" },
    ...rest,
    variables: typeof variables === "string" ? variables : JSON.stringify(variables),
  });
  const token = sub && signToken(process.env.TEST_PRIVATE_KEY ?? "", { sub, ...claims });
  const headers = new Headers(token ? { authorization: `Bearer ${token}` } : {});
  const url = `https://rollcall.test/api/console/export?${search}`;
  return GET(new Request(url, { headers, ...(signal && { signal }) }));
}

const banned = { filter: { state: "BANNED" }, orderBy: { field: "NAME", direction: "ASC" } };

async function lastEntry(action: string) {
  return await database().prisma.auditEntry.findFirst({
    where: { action },
    orderBy: { id: "desc" },
  });
}

test("a CSV export has the filtered rows in the list's order with the chosen fields, and cells that begin like a formula get an apostrophe", async () => {
  const response = await ask({ fields: "name,state,id", variables: banned });
  expect(response.headers.get("content-disposition")).toMatch(
    /^attachment; filename="rollcall-users-\d{4}-\d\d-\d\d\.csv"$/,
  );
  const lines = (await response.text()).split("\r\n");
  expect(lines[0]).toBe("name,state,id");
  expect(lines.slice(1, -1).map((line) => line.replace(/,user_\w+$/, ""))).toEqual([
    `"'=HYPERLINK(1)",banned`,
    '"Ann ""A"", b ניר 🙈",banned',
  ]);
});

test.each(["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1"])(
  "a cell that begins like a formula is text in a spreadsheet: %j",
  async (slug) => {
    const id = clerkId("org");
    await mirrorOrganization(id, { name: "Defused", slug });
    const response = await ask({ list: "organizations", fields: "slug", variables: { query: id } });
    expect(await response.text()).toBe(`slug\r\n"'${slug}"\r\n`);
  },
);

test("a JSON export is one array, an NDJSON export one object per line, and both leave text that looks like a formula unchanged", async () => {
  const given = { fields: "name,two-factor,created", variables: banned };
  const array = await (await ask({ ...given, format: "json" })).json();
  expect(array[0]).toEqual({
    name: "=HYPERLINK(1)",
    "two-factor": null,
    created: expect.stringMatching(/Z$/),
  });
  const text = await (await ask({ ...given, format: "ndjson" })).text();
  expect(
    text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual(array);
  const none = { query: "no such person" };
  expect(await (await ask({ format: "json", variables: none })).json()).toEqual([]);
});

test("an export contains every row once, even rows without a sort value", async () => {
  const before = process.memoryUsage().heapUsed;
  const [startedAt, cpu] = [performance.now(), process.cpuUsage()];
  const response = await ask({ fields: "id,name,email,created", variables: { query: "many" } });
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  const ids = new Set<string>();
  let [rest, lines, peak] = ["", -1, 0];
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done) break;
    const parts = (rest + decoder.decode(value, { stream: true })).split("\r\n");
    rest = parts.pop() ?? "";
    lines += parts.length;
    for (const line of parts) ids.add(line.slice(0, line.indexOf(",")));
    peak = Math.max(peak, process.memoryUsage().heapUsed - before);
  }
  const rate = (lines * 1_000) / (performance.now() - startedAt);
  const used = process.cpuUsage(cpu);
  process.stdout.write(
    `cpu: ${Math.round((lines * 1e6) / (used.user + used.system))} rows per CPU second\n`,
  );
  expect(lines).toBe(MANY);
  expect(ids.size).toBe(MANY + 1);
  process.stdout.write(`export: ${Math.round(rate)} rows/s, heap +${Math.round(peak / 1e6)} MB\n`);
  expect(await lastEntry("export.finished")).toMatchObject({
    actor: admin,
    detail: { list: "users", format: "csv", rows: MANY },
  });
});

test("a form exports the selected rows, of people and of an organization's members", async () => {
  const [one, two] = ["user_many7", "user_many9"];
  const organizationId = clerkId("org");
  await mirrorOrganization(organizationId);
  await mirrorMembership(clerkId("orgmem"), admin, organizationId);
  const send = async (form: Record<string, string>) => {
    const token = signToken(process.env.TEST_PRIVATE_KEY ?? "", { sub: admin });
    const response = await POST(
      new Request("https://rollcall.test/api/console/export", {
        ...{ method: "POST", headers: { authorization: `Bearer ${token}` } },
        body: new URLSearchParams({ format: "csv", ...form }),
      }),
    );
    return [response.status, await response.text()];
  };
  const padding = Array.from({ length: 998 }, (_, at) => `user_${"x".repeat(25)}${at}`);
  expect(
    await send({
      ...{ list: "users", fields: "id,email" },
      variables: JSON.stringify({ filter: { ids: [one, two, ...padding] } }),
    }),
  ).toEqual([200, "id,email\r\nuser_many7,7@many.example\r\nuser_many9,9@many.example\r\n"]);
  expect(
    await send({
      ...{ list: "members", fields: "user-id,role" },
      variables: JSON.stringify({ id: organizationId }),
    }),
  ).toEqual([200, `user-id,role\r\n${admin},org:member\r\n`]);
  const tooMany = JSON.stringify({ filter: { ids: [one, two, "user_3", ...padding] } });
  expect((await send({ list: "users", fields: "id", variables: tooMany }))[0]).toBe(400);
});

test("an aborted export reads no further page, and the audit log has the number of rows that were read", async () => {
  const response = await ask({ fields: "id", variables: { query: "many" } });
  const reader = response.body?.getReader();
  await reader?.read();
  await reader?.read();
  await reader?.cancel();
  const entry = await lastEntry("export.aborted");
  expect(entry).toMatchObject({ actor: admin, detail: { rows: 2_000 } });
  // The aborted export no longer counts as running, so the admin may start another one.
  expect((await ask({ variables: banned })).status).toBe(200);
});

test("the running export of an admin who is demoted ends with an error, and is audited as failed", async () => {
  const response = await ask({ fields: "id", variables: { query: "many" } }, demoted);
  const reader = response.body?.getReader();
  await reader?.read();
  await database().pool.query("UPDATE users SET is_admin = false WHERE id = $1", [demoted]);
  const readAll = async () => {
    while (!(await reader?.read())?.done) await new Promise((resolve) => setTimeout(resolve, 300));
  };
  await expect(readAll()).rejects.toThrow("no admin any more");
  expect(await lastEntry("export.failed")).toMatchObject({ actor: demoted });
});

test("the audit entry of an export has the exported fields, but not the search words", async () => {
  await (await ask({ fields: "id,email", variables: { query: "secret words" } })).text();
  const entry = await lastEntry("export.started");
  expect(entry?.detail).toEqual({
    ...{ list: "users", format: "csv", fields: "id,email", isFiltered: true },
  });
});

test.each<[string, Given]>([
  ["an unknown list", { list: "sessions" }],
  ["an unknown format", { format: "xlsx" }],
  ["no field", { fields: "" }],
  ["a field of another list", { fields: "name,slug" }],
  ["an inherited property as a field", { fields: "constructor" }],
  ["a filter of another list", { variables: { filter: { membersCount: { min: 1 } } } }],
  ["an order of another list", { variables: { orderBy: { field: "EXPIRES_AT" } } }],
  ["no JSON", { variables: "{" }],
  ["a filter that is a list", { variables: { filter: ["x"] } }],
  ["10,000 characters", { variables: { query: "x".repeat(10_000) } }],
])("an export with %s is refused with 400", async (_name, given) => {
  const response = await ask(given);
  expect(response.status).toBe(400);
});

test("an export without a token gets 401, and one by a member or in a session that impersonates an admin gets 403", async () => {
  expect((await ask({}, null)).status).toBe(401);
  expect((await ask({}, member)).status).toBe(403);
  expect((await ask({}, admin, { act: { sub: "user_support" } })).status).toBe(403);
});
