/** Commands print one sentence with the remedy, and no stack, when the database is unreachable or read-only. */
import { execFile } from "node:child_process";
import { expect, test } from "vitest";
import { clerkId, event, userJson } from "@/dev/testing/clerk-payloads";
import { sendWebhook } from "@/dev/testing/webhook";
import { database } from "../db";

type Ended = { code: number; errors: string };

function run(name: string, args: string[], databaseUrl: string): Promise<Ended> {
  const command = ["--import", "tsx", `lib/command/${name}.ts`, ...args];
  const env = { ...process.env, DATABASE_URL: databaseUrl };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, command, { env }, (_error, _output, errors) =>
      resolve({ code: child.exitCode ?? -1, errors }),
    );
  });
}

test.each([
  ["replay", ["--all"]],
  ["replay", ["--rebuild"]],
  ["sync", []],
])(
  "npm run %s %j prints one line that says the database is unreachable and what to do",
  async (name, args) => {
    const { code, errors } = await run(name, args, "postgresql://app:hunter2@127.0.0.1:1/app");
    expect(code).toBe(1);
    expect(errors).toMatch(
      /^The database app on 127\.0\.0\.1:1 cannot be reached(: connect ECONNREFUSED 127\.0\.0\.1:1)?\. Start it, or .*\n$/,
    );
    expect(errors).not.toContain("hunter2");
  },
);

test("npm run replay prints one line that says the database is read-only and what to do", async () => {
  await sendWebhook(event("user.created", userJson({ id: clerkId("user") })));
  await database().pool.query("DELETE FROM users");
  const name = new URL(process.env.DATABASE_URL ?? "").pathname.slice(1);
  await database().pool.query(`ALTER DATABASE "${name}" SET default_transaction_read_only = on`);
  const { code, errors } = await run("replay", ["--all"], process.env.DATABASE_URL ?? "");
  expect(code).toBe(1);
  expect(errors).toMatch(
    /The database \S+ on \S+ is read-only: cannot execute .* Point `DATABASE_URL` to the primary/,
  );
  expect(errors).not.toMatch(/\n {4}at /);
});
