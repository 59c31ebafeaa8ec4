/** Tests with a role whose connection limit is reached: Postgres itself refuses the connection. */
import pg from "pg";
import { afterAll, expect, test, vi } from "vitest";
import { GET as ready } from "@/app/api/ready/route";
import { clerkId, event, userJson } from "@/dev/testing/clerk-payloads";
import { sendWebhook } from "@/dev/testing/webhook";
import { findHealth } from "./health";

const admin = new pg.Client({ connectionString: process.env.DATABASE_URL });
await admin.connect();
const limited = new URL(process.env.DATABASE_URL ?? "");
limited.username = `limited_${process.pid}`;
limited.password = "hunter2";
await admin.query(`CREATE ROLE ${limited.username} LOGIN PASSWORD 'hunter2' CONNECTION LIMIT 0`);
process.env.DATABASE_URL = limited.href;
afterAll(async () => {
  await admin.query(`DROP ROLE ${limited.username}`);
  await admin.end();
});

const sentence = `The database accepts no more connections: too many connections for role "${limited.username}". The state of the sync is unknown.`;

test("without a free connection, /api/ready and the log contain the server's message, but not the password", async () => {
  const lines: string[] = [];
  const write = vi.spyOn(process.stderr, "write").mockImplementation((line) => {
    lines.push(String(line));
    return true;
  });
  const response = await ready(new Request("https://rollcall.test/api/ready"));
  expect(await sendWebhook(event("user.created", userJson({ id: clerkId("user") })))).toBe(503);
  write.mockRestore();
  const text = await response.text();
  expect(response.status).toBe(503);
  expect(JSON.parse(text)).toMatchObject({
    status: "unavailable",
    database: "too-many-connections",
    connectionMode: null,
    findings: [
      {
        code: "database",
        state: "bad",
        sentence,
        remedy: expect.stringContaining("DATABASE_POOL_SIZE"),
      },
    ],
    sync: null,
  });
  const logged = lines.join("");
  expect(logged.match(/"databaseFault":"too-many-connections"/g)?.length).toBeGreaterThanOrEqual(2);
  expect(logged).toContain("too many connections for role");
  expect(text + logged).not.toContain("hunter2");
});

test("without a free connection, Health returns the database fault as its only finding, and no figures", async () => {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const { findings, figures } = await findHealth();
  write.mockRestore();
  expect(findings.map(({ sentence }) => sentence.join(""))).toEqual([sentence]);
  expect(figures).toBeNull();
});
