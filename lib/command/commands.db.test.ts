/** Runs `npm run sync`, `npm run replay` and `npm run effects` as processes, and checks their output and exit codes. */
import { execFile } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startBackendApi } from "@/dev/testing/backend-api";
import { clerkId, event, userJson } from "@/dev/testing/clerk-payloads";
import { sendWebhook } from "@/dev/testing/webhook";
import { database } from "../db";
import { registry } from "../effects/handlers";
import { subscribeHandlers } from "../effects/subscribers";
import { takeLease } from "../sync/reconcile/runs";

const clerk = await startBackendApi();
process.env.CLERK_API_URL = clerk.url;
const [kept, missed] = ["user", "user"].map(clerkId);
const at = 1_790_000_000_000;
const { prisma } = database();
const liveUsers = () => prisma.user.count({ where: { deleted: false, version: { gt: 0 } } });

type Ended = { code: number; output: string; progress: string };

function run(name: "sync" | "replay" | "effects", ...args: string[]): Promise<Ended> {
  const command = ["--import", "tsx", `lib/command/${name}.ts`, ...args];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, command, (_error, output, progress) =>
      resolve({ code: child.exitCode ?? -1, output, progress }),
    );
  });
}

beforeAll(async () => {
  const people = [kept, missed].map((id = "") => ({ ...userJson({ id }), id, created_at: at }));
  clerk.users = people;
  await sendWebhook(event("user.created", people[0] ?? {}), { id: "msg_kept" });
});
afterAll(() => clerk.close());

describe("npm run sync", () => {
  test("npm run sync --dry-run prints the differences without personal data and writes nothing", async () => {
    const { code, output, progress } = await run("sync", "--dry-run");
    expect(code).toBe(0);
    expect(output).toMatch(
      new RegExp(`^missing +users +${missed} .*\\(event not received\\)$`, "m"),
    );
    expect(output).toMatch(/^users +2 +1 +0 +0 +0 +0 +0$/m);
    expect(output).toMatch(/^Run \d+: done in [\d.]+ s, \d+ requests to Clerk\.$/m);
    expect(progress).toMatch(/^users +█+ 100 % {2}2 of 2$/m);
    expect(output + progress).not.toMatch(/example\.com|Lovelace/);
    expect(await liveUsers()).toBe(1);
  });

  test("npm run sync writes the missing rows and prints a summary", async () => {
    const { code, output } = await run("sync");
    expect(code).toBe(0);
    expect(output).toMatch(/^users +2 +1 +0 +0 +0 +0 +1$/m);
    expect(await liveUsers()).toBe(2);
  });

  test("npm run sync fails with a message while another sync runs, and with the usage for an unknown flag", async () => {
    const lease = await takeLease();
    const [second, unknown] = await Promise.all([run("sync"), run("sync", "--dry")]);
    await lease.release();
    expect(second).toMatchObject({
      code: 1,
      progress: expect.stringContaining("Another reconciliation is running"),
    });
    expect(unknown).toMatchObject({ code: 1, progress: expect.stringContaining("Usage: npm run") });
  });
});

describe("npm run replay", () => {
  test("npm run replay restores a lost row, prints the outcome of each delivery, and refuses wrong arguments", async () => {
    await prisma.user.delete({ where: { id: kept } });
    const [one, none, wrong, two, both] = await Promise.all([
      run("replay", "msg_kept"),
      run("replay", "msg_unknown"),
      run("replay", "--from", "yesterday"),
      run("replay", "msg_kept", "msg_unknown"),
      run("replay", "--dead", "--from", "2026-11-22T10:00:00Z"),
    ]);
    expect(one).toMatchObject({ code: 0, output: "applied 1\n" });
    expect(await liveUsers()).toBe(2);
    expect(none).toMatchObject({ code: 1, progress: expect.stringContaining("No stored") });
    expect(wrong).toMatchObject({ code: 1, progress: expect.stringContaining("is not a time") });
    expect(two).toMatchObject({ code: 1, progress: expect.stringContaining("Usage: npm run") });
    expect(both).toMatchObject({ code: 1, progress: expect.stringContaining("Usage: npm run") });
  });

  test("npm run replay -- --rebuild prints for each table whether it equals a rebuild from the inbox", async () => {
    expect(await run("replay", "--rebuild")).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^equal +users \(2 rows\)$/m),
    });
    await prisma.user.update({ where: { id: missed }, data: { firstName: "Edited" } });
    expect(await run("replay", "--rebuild")).toMatchObject({
      code: 1,
      output: expect.stringMatching(/^DIFFERENT +users \(2 rows\)$/m),
    });
  });
});

test("npm run effects -- list says that a handler has no effects until a worker has started", async () => {
  const before = await run("effects", "list");
  expect(before.output).toMatch(/^create-profile .* no effects yet: restart the worker/m); // part of the sample product
  await subscribeHandlers(registry);
  const { code, output } = await run("effects", "list");
  expect({ code, says: output.includes("no effects yet") }).toEqual({ code: 0, says: false });
});
