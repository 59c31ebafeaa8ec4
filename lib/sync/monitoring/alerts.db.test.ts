/** Tests the alerts that the worker's task sends, with an HTTP server as their receiver. */
import { createServer } from "node:http";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { database } from "../../db";
import { sendAlerts } from "./alerts";
import type { Finding } from "./finding";
import { findHealth } from "./health";

const sql = (text: string, values: unknown[] = []) => database().pool.query(text, values);

let status = 200;
const received: string[] = [];
const receiver = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => {
    body += chunk;
  });
  request.on("end", () => {
    received.push(JSON.parse(body).text);
    response.writeHead(status, status === 302 ? { location: "/elsewhere" } : {}).end();
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const { port } = z.object({ port: z.number() }).parse(receiver.address());
  process.env.ALERT_WEBHOOK_URL = `http://127.0.0.1:${port}/services/secret`;
});

afterAll(() => {
  process.env.ALERT_WEBHOOK_URL = "";
  receiver.close();
});

beforeEach(async () => {
  status = 200;
  received.length = 0;
  await sql("DELETE FROM sync_facts WHERE name = 'alerts'");
  await sql("TRUNCATE deliveries");
});

const finding = (code: string, state: Finding["state"]): Finding => ({
  ...{ code, state, sentence: [`About ${code}.`] },
  ...{ remedy: "Run `npm run replay -- --dead`.", href: null, since: null },
});

/** Runs one check for alerts, with exactly these findings of Health. */
const check = (...findings: Finding[]) =>
  sendAlerts(async () => ({ ...(await findHealth()), findings, databaseFault: null }));

test("one alert reports a dead letter, with the remedy and a link to the list of dead letters", async () => {
  await sql(
    "INSERT INTO deliveries (svix_id, sha256, outcome) VALUES ('msg_dead', '\\x00', 'dead')",
  );
  await sendAlerts(findHealth);
  await sendAlerts(findHealth);
  const alerts = received.filter((text) => text.includes("1 delivery could not be applied"));
  expect(alerts).toHaveLength(1);
  expect(alerts[0]).toContain("npm run replay -- --dead");
  expect(alerts[0]).toMatch(/http\S+\/admin\/deliveries\?outcome=dead/);
});

test("a second alert is sent when a problem gets worse, and none when it gets better", async () => {
  await check(finding("a", "warn"));
  await check(finding("a", "bad"));
  await check(finding("a", "warn"));
  await check(finding("a", "wait"), finding("b", "good"));
  expect(received.map((text) => text.split("\n\n")[1]?.split("\n")[0])).toEqual([
    "🟠 About a.",
    "🔴 About a.",
  ]);
});

test("an alert reports a problem as over after two checks without it, and no alert is sent when only one check misses it", async () => {
  await check(finding("a", "bad"));
  await check();
  await check(finding("a", "bad"));
  expect(received).toHaveLength(1);
  await check();
  await check();
  await check();
  expect(received).toHaveLength(2);
  expect(received[1]).toContain("🟢 This is over: About a.");
});

test.each([500, 302])(
  "an alert to which the receiver responds with %d is sent again in the next check",
  async (answer) => {
    status = answer;
    await check(finding("a", "bad"));
    status = 200;
    await check(finding("a", "bad"));
    await check(finding("a", "bad"));
    expect(received).toHaveLength(2);
  },
);

test("two workers that check for alerts at the same time send one alert", async () => {
  await Promise.all([check(finding("a", "bad")), check(finding("a", "bad"))]);
  expect(received).toHaveLength(1);
});
