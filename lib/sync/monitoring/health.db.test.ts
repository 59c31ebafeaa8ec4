/** Reads Health's facts from a real database. Runs the command in each remedy, and checks that it clears the finding. */
import { execFile } from "node:child_process";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { GET as ready } from "@/app/api/ready/route";
import { answerJson, startBackendApi } from "@/dev/testing/backend-api";
import { clerkId, event, userJson } from "@/dev/testing/clerk-payloads";
import { postWebhook, sendWebhook } from "@/dev/testing/webhook";
import { database } from "../../db";
import { retryProvisionings } from "../../identity/provision-retry";
import { startWorker } from "../../worker/start";
import { type DeliveryList, deliveryLists } from "./delivery-lists";
import { findHealth } from "./health";
import { findUnreadObjects } from "./unread-objects";
import { commandsIn, sentenceText } from "./verdict";

const clerk = await startBackendApi();
process.env.CLERK_API_URL = clerk.url;
afterAll(() => clerk.close());

const { prisma, pool } = database();
const sql = (text: string, values: unknown[] = []) => pool.query(text, values);

beforeEach(async () => {
  clerk.users = [];
  clerk.intercept = null;
  await sql(
    "TRUNCATE users, versions, deliveries, canary_rounds, sync_facts, sync_runs, provisionings, drift_findings CASCADE",
  );
  // Inserts a worker's heartbeat, so that a missing worker is not among the findings.
  await sql("INSERT INTO sync_facts (name, value) VALUES ('worker', '{}')");
});

const userEvent = (fields: object = {}, occurredAt = Date.now()) =>
  event("user.created", userJson({ id: clerkId("user"), ...fields }), occurredAt);

const codes = async () => (await findHealth()).findings.map(({ code }) => code);

async function findingOf(code: string) {
  const { findings, at } = await findHealth();
  const finding = findings.find((each) => each.code === code);
  if (!finding) throw new Error(`${code} was not found, but ${findings.map((each) => each.code)}`);
  return { ...finding, text: sentenceText(finding.sentence, at) };
}

/** Runs the npm command that a finding of the Health page recommends, as a process, and resolves to its output. */
async function run(command: string, environment: Record<string, string> = {}): Promise<string> {
  const [, , name, , ...args] = command.split(" ");
  const script = ["--import", "tsx", `lib/command/${name}.ts`, ...args];
  const env = { ...process.env, ...environment };
  return new Promise((resolve) =>
    execFile(process.execPath, script, { env }, (_error, output, errors) =>
      resolve(output + errors),
    ),
  );
}

/** Resolves to the command that ends with `end`, from the remedy of the finding `code`. */
async function commandOf(code: string, end: string): Promise<string> {
  const commands = commandsIn((await findingOf(code)).remedy);
  const command = commands.find((each) => each.endsWith(end));
  if (!command) throw new Error(`no command ends with ${end}: ${commands.join("; ")}`);
  return command;
}

const markAll = (outcome: string, age = "1 minute") =>
  sql("UPDATE deliveries SET outcome = $1, received_at = now() - $2::interval", [outcome, age]);

describe("when most of the deliveries are of another instance", () => {
  const other = "ins_9zyxwvutsrqponmlkjihgfedcba";
  beforeEach(async () => {
    for (let sent = 0; sent < 3; sent += 1)
      expect(await sendWebhook({ ...userEvent(), instance_id: other })).toBe(200);
    await sendWebhook(userEvent());
  });

  test("when most deliveries are from another Clerk instance, /api/ready returns 200 with wrong-instance as the first finding", async () => {
    await sql("DELETE FROM sync_facts WHERE name = 'worker'");
    const response = await ready(new Request("https://rollcall.test/api/ready"));
    expect(response.status).toBe(200);
    const body = await response.json();
    expect(body).toMatchObject({ status: "degraded", database: "ok" });
    expect(body.findings[0]).toMatchObject({
      code: "wrong-instance",
      state: "bad",
      commands: ["npm run replay -- --quarantined", "npm run replay -- --quarantined --discard"],
    });
    expect(body.findings[0].sentence).toMatch(
      /^3 of the last 4 deliveries came from Clerk instance ins_9zyx…dcba, not from ins_test \(CLERK_INSTANCE_ID\)\. All 3 are quarantined, the newest (just now|\d+ s ago)\.$/,
    );
  });

  test("the --quarantined command in the remedy applies quarantined deliveries once CLERK_INSTANCE_ID is corrected", async () => {
    const command = await commandOf("wrong-instance", "--quarantined");
    expect(await run(command)).toContain("quarantined 3");
    expect(await codes()).toContain("wrong-instance");
    expect(await run(command, { CLERK_INSTANCE_ID: other })).toContain("applied 3");
    expect(await codes()).toEqual(["current"]);
    expect(await prisma.user.count()).toBe(4);
  });

  test("the --discard command in the remedy discards quarantined deliveries with an audit entry", async () => {
    await run(await commandOf("wrong-instance", "--discard"));
    expect(await codes()).toEqual(["current"]);
    expect(await prisma.user.count()).toBe(1);
    expect(await prisma.delivery.count({ where: { outcome: "discarded" } })).toBe(3);
    expect(
      await prisma.auditEntry.findFirst({ where: { action: "deliveries.discarded" } }),
    ).toMatchObject({ subject: "quarantined", detail: { count: 3 } });
    // A replay of all deliveries does not apply the discarded deliveries.
    await run("npm run replay -- --all");
    expect(await codes()).toEqual(["current"]);
  });
});

describe("the remedy clears the finding", () => {
  test.each([
    ["dead", "dead", "1 minute"],
    ["pending", "pending", "1 hour"],
    ["pending", "pending", "1 second"],
    ["unreadable", "unreadable", "1 minute"],
  ])(
    "the command in the remedy of the finding %s clears the finding",
    async (code, outcome, age) => {
      await sendWebhook(userEvent());
      await markAll(outcome, age);
      await run(await commandOf(code, `--${outcome}`));
      expect(await codes()).not.toContain(code);
    },
  );

  test.each(["dead", "unreadable", "quarantined"])(
    "the command in the remedy discards %s deliveries whose bodies are past retention",
    async (outcome) => {
      await sendWebhook(userEvent());
      await markAll(outcome);
      await sql("UPDATE deliveries SET body = NULL");
      await sendWebhook(userEvent());
      await sendWebhook(userEvent());
      const replayed = await run(await commandOf(outcome, `--${outcome}`));
      expect(replayed).toContain(`--${outcome} --discard`);
      expect(await codes()).toContain(outcome);
      await run(await commandOf(outcome, "--discard"));
      expect(await codes()).toEqual(["current"]);
    },
  );

  test("the finding `partial` is cleared by a replay that can read the attribute, and by npm run replay -- --partial --discard", async () => {
    await sendWebhook(userEvent());
    await sql("UPDATE deliveries SET unread = 'banned'");
    await run(await commandOf("partial", "--partial"));
    expect(await codes()).toEqual(["current"]);
    await sendWebhook(userEvent({ banned: "false" }));
    await run(await commandOf("partial", "--partial"));
    expect(await codes()).toContain("partial");
    await run(await commandOf("partial", "--discard"));
    expect(await codes()).toEqual(["current"]);
  });

  test("the finding `no-worker` is cleared when a worker starts", async () => {
    await sql("DELETE FROM sync_facts");
    await sendWebhook(userEvent());
    expect(await codes()).toContain("no-worker");
    const worker = await startWorker();
    try {
      expect(await codes()).not.toContain("no-worker");
    } finally {
      await worker.stop();
    }
  });

  test("the finding `refused-timestamp` is cleared by an accepted webhook and an hour without a refusal", async () => {
    const refusedAt = (age: string) =>
      sql(
        `INSERT INTO sync_facts (name, value, updated_at) VALUES ('webhook skew', '{"secondsAgo": 400}', now() - $1::interval)
         ON CONFLICT (name) DO UPDATE SET updated_at = EXCLUDED.updated_at`,
        [age],
      );
    await refusedAt("1 minute");
    expect((await findingOf("refused-timestamp")).state).toBe("bad");
    await sendWebhook(userEvent());
    expect((await findingOf("refused-timestamp")).state).toBe("warn");
    await refusedAt("61 minutes");
    expect(await codes()).toEqual(["current"]);
  });

  test("Health reports a webhook refused for its size, and the command in the remedy clears the finding", async () => {
    const large = Buffer.alloc(3 * 1024 * 1024, "x");
    expect(await sendWebhook(large.toString())).toBe(413);
    await expect.poll(codes).toContain("too-large");
    const response = await ready(new Request("https://rollcall.test/api/ready"));
    expect(await response.json()).toMatchObject({
      sync: { refusedSize: { mostBytes: 2_097_152 } },
    });
    await run(await commandOf("too-large", "sync"));
    expect(await codes()).not.toContain("too-large");
  });

  test("Health does not report a large request without the headers of a webhook", async () => {
    expect((await postWebhook(Buffer.alloc(3 * 1024 * 1024), {})).status).toBe(413);
    expect(await codes()).not.toContain("too-large");
  });

  test("the finding `endpoint-silent` is cleared by the next webhook", async () => {
    const old = Date.now() - 3 * 86_400_000;
    await sendWebhook(userEvent({ updated_at: old }, old));
    await sql(
      "UPDATE deliveries SET received_at = now() - interval '3 days', settled_at = received_at",
    );
    const updated = Date.now() - 3_600_000;
    clerk.users = [
      {
        ...userJson({ id: clerkId("user") }),
        id: "user_new",
        created_at: old,
        updated_at: updated,
      },
    ];
    await run("npm run sync -- --force");
    expect((await findingOf("endpoint-silent")).text).toMatch(
      /^Clerk’s API showed 1 newer change, the newest 1 h ago, for which no webhook arrived\. Last event 3 d ago\.$/,
    );
    await sendWebhook(userEvent({}, Date.now()));
    expect(await codes()).not.toContain("endpoint-silent");
  });

  test("the findings `no-events` and `quiet` are cleared by an event", async () => {
    expect(await codes()).toEqual(["no-events"]);
    await sendWebhook(userEvent());
    await markAll("applied", "3 days");
    expect(await codes()).toEqual(["quiet"]);
    await sendWebhook(userEvent());
    expect(await codes()).toEqual(["current"]);
  });

  describe("reconciliation", () => {
    const insertRun = (status: string, error: string | null, started: string) =>
      sql(
        `INSERT INTO sync_runs (mode, trigger, status, holder, cursor, counts, error, started_at, ended_at)
         VALUES ('repair', 'schedule', $1, 'test', '{"table":"users","position":{"offset":0,"createdAfter":0}}', '{"requests":0}', $2, now() - $3::interval,
           CASE WHEN $1 <> 'running' THEN now() - $3::interval END)`,
        [status, error, started],
      );

    test.each([
      ["failed", "Clerk refuses the key: check CLERK_SECRET_KEY.", "2 hours"],
      ["paused", "Clerk cannot be reached.", "2 hours"],
      ["paused", "Clerk cannot be reached.", "2 minutes"],
      ["running", null, "2 hours"],
      ["done", null, "3 days"],
    ])(
      "the finding about a reconciliation run with the status %s is cleared by npm run sync",
      async (status, error, started) => {
        await sendWebhook(userEvent());
        clerk.users = (await prisma.user.findMany()).map(({ id }) => ({
          ...userJson({ id }),
          id,
          created_at: 1_790_000_000_000,
        }));
        await insertRun(status, error, started);
        expect(await run(await commandOf("reconciliation", "sync"))).toMatch(/: done in/);
        expect(await codes()).toEqual(["current"]);
      },
    );

    test("the finding about a run that exceeded the deletion limit is cleared by npm run sync -- --force", async () => {
      for (let sent = 0; sent < 3; sent += 1) await sendWebhook(userEvent());
      await run("npm run sync");
      const { text } = await findingOf("reconciliation");
      expect(text).toMatch(
        /^The last reconciliation stopped (just now|\d+ s ago): More than 5 % of the users no longer exist at Clerk\. None was deleted here\. None was ever complete\.$/,
      );
      await run(await commandOf("reconciliation", "--force"));
      expect(await codes()).toEqual(["current"]);
    });

    test("the finding `unread-at-clerk` names the unreadable attribute's path but not its value; npm run sync clears it once Clerk's value is corrected", async () => {
      await sendWebhook(userEvent());
      const [user] = await prisma.user.findMany();
      const json = {
        ...userJson({ id: user?.id ?? "" }),
        id: user?.id ?? "",
        created_at: 1_790_000_000_000,
      };
      clerk.users = [{ ...json, banned: "hunter2" }];
      await run("npm run sync");
      expect(await findUnreadObjects()).toEqual([
        { table: "users", id: json.id, isPartial: true, paths: ["banned"] },
      ]);
      const { rows } = await sql("SELECT fields::text AS fields FROM drift_findings");
      expect(JSON.stringify(rows)).not.toContain("hunter2");
      const command = await commandOf("unread-at-clerk", "sync");
      clerk.users = [json];
      await run(command);
      expect(await codes()).toEqual(["current"]);
    });
  });

  test("Health and npm run sync count all objects that could not be read, although they list only some", async () => {
    await sendWebhook(userEvent());
    clerk.users = Array.from({ length: 1_100 }, (_, index) => {
      const id = `user_${String(index).padStart(5, "0")}`;
      return { ...userJson({ id, banned: "x" }), id, created_at: 1_790_000_000_000 + index };
    });
    const output = await run("npm run sync -- --force");
    expect(output.match(/^partial /gm)).toHaveLength(50);
    expect(output).toContain("… and 1050 more.");
    expect(await findUnreadObjects()).toHaveLength(1_000);
    expect((await findingOf("unread-at-clerk")).text).toContain("1,100 objects at Clerk");
  });

  test("the finding `provisioning` is cleared by npm run sync, and by the worker within a minute", async () => {
    await sendWebhook(userEvent());
    const kept = await prisma.user.findMany();
    const id = clerkId("user");
    await sql(
      "INSERT INTO provisionings (user_id, attempts, claimed_until, failed_at, error) VALUES ($1, 1, now() + interval '1 h', now(), 'timeout')",
      [id],
    );
    const command = await commandOf("provisioning", "sync");
    clerk.users = [...kept.map((user) => user.id), id].map((each, index) => ({
      ...userJson({ id: each }),
      id: each,
      created_at: 1_790_000_000_000 + index,
    }));
    await run(command);
    await retryProvisionings();
    expect(await codes()).toEqual(["current"]);
  });
});

describe("the facts", () => {
  test("Health reports a webhook with a valid signature and a timestamp 400 s in the past, with the number of seconds", async () => {
    await sendWebhook(userEvent(), { timestamp: new Date(Date.now() - 400_000) });
    await expect
      .poll(async () => (await findHealth()).figures?.refusedTimestamp?.secondsAgo)
      .toBeGreaterThanOrEqual(400);
  });

  test("each count that Health reports equals the number of deliveries in the list of that name", async () => {
    await sendWebhook(userEvent());
    await sendWebhook(userEvent({ banned: "false" }));
    await sendWebhook(event("unheard.of", { id: "x" }));
    await sendWebhook("null");
    await sendWebhook({ ...userEvent(), instance_id: "ins_other" });
    for (const outcome of ["pending", "dead", "dead"]) {
      const svixId = clerkId("msg");
      await sendWebhook(userEvent(), { id: svixId });
      await sql("UPDATE deliveries SET outcome = $1 WHERE svix_id = $2", [outcome, svixId]);
    }
    const { figures } = await findHealth();
    const counts = deliveryLists.map((list: DeliveryList) => [
      list,
      figures?.deliveries.lists[list].count,
    ]);
    expect(Object.fromEntries(counts)).toEqual({
      pending: 1,
      dead: 2,
      quarantined: 1,
      unreadable: 1,
      partial: 1,
      unknown: 1,
    });
  });

  test("Health makes no request to Clerk: it reads only the database", async () => {
    clerk.requests.length = 0;
    clerk.intercept = (response) => answerJson(response, 500, {});
    await findHealth();
    expect(clerk.requests).toEqual([]);
  });
});
