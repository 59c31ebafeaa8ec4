import { randomUUID } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { GET as ready } from "@/app/api/ready/route";
import { json, startBackendLists } from "@/dev/testing/backend-lists";
import { clerkId, event, organizationJson, userJson } from "@/dev/testing/clerk-payloads";
import { svixHeaders } from "@/dev/testing/sign";
import { postWebhook, sendWebhook } from "@/dev/testing/webhook";
import { database } from "../../db";
import { checkCanary, startCanary } from "./canary";
import { recordCanaryRefusal } from "./canary-refusal";
import { findHealth } from "./health";

process.env.CANARY_ORGANIZATION_ID = "org_canary";
const clerk = await startBackendLists();
process.env.CLERK_API_URL = clerk.url;

/** Our public address: what it answers to a GET. */
let statusOfRoute = 405;
const app = createServer((_request, response: ServerResponse) => {
  response.writeHead(statusOfRoute).end();
});
await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve));
process.env.APP_URL = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;

afterAll(async () => {
  await clerk.close();
  app.closeAllConnections();
  app.close();
});

const { prisma } = database();

/** Clerk takes the change, and sends the webhook when `isSent`. */
function clerkTakes({ isSent }: { isSent: boolean }): void {
  clerk.spoil = (url, response, request) => {
    if (!url.pathname.endsWith("/metadata")) return false;
    void text(request).then(async (sent) => {
      const organization = organizationJson({ id: "org_canary", ...JSON.parse(sent) });
      if (isSent) await sendWebhook(event("organization.updated", organization));
      json(response, organization);
    });
    return true;
  };
}

async function check() {
  const { id } = await newest();
  await checkCanary(id);
  return prisma.canaryRound.findUniqueOrThrow({ where: { id } });
}

const newest = () => prisma.canaryRound.findFirstOrThrow({ orderBy: { id: "desc" } });

const ofCanary = (nonce: string) =>
  organizationJson({ id: "org_canary", private_metadata: { rollcall_canary: nonce } });

/** By this clock a sender has waited before each try. */
let clock = Date.now();
async function refuse(organization: object) {
  clock += 5_000;
  await recordCanaryRefusal(
    Buffer.from(JSON.stringify(event("organization.updated", organization))),
    clock,
  );
}

async function round() {
  await startCanary();
  return check();
}

beforeEach(async () => {
  statusOfRoute = 405;
  clerkTakes({ isSent: false });
  await database().pool.query("TRUNCATE deliveries, canary_rounds, sync_facts");
});

describe("the canary", () => {
  test("comes back, and a job looks after it", async () => {
    clerkTakes({ isSent: true });
    expect(await round()).toMatchObject({
      acceptedAt: expect.any(Date),
      arrivedAt: expect.any(Date),
      fault: null,
    });
    const jobs = "SELECT FROM graphile_worker.jobs WHERE task_identifier = 'check-canary'";
    expect((await database().pool.query(jobs)).rowCount).toBeGreaterThan(0);
  });

  test("names Clerk when it does not take the change", async () => {
    clerk.spoil = (_url, response) => {
      json(response, { errors: [{ code: "no", message: "no" }] }, 422);
      return true;
    };
    expect(await round()).toMatchObject({ acceptedAt: null, fault: "clerk" });
  });

  test("names the secret as soon as its own webhook was refused", async () => {
    await startCanary();
    const body = JSON.stringify(event("organization.updated", ofCanary((await newest()).nonce)));
    const wrong = `whsec_${Buffer.from("another secret of thirty-two byt").toString("base64")}`;
    expect((await postWebhook(body, svixHeaders(body, wrong))).status).toBe(400);
    await expect.poll(async () => (await newest()).fault).toBe("secret");
    statusOfRoute = 404;
    expect(await check()).toMatchObject({ arrivedAt: null, fault: "secret" });
  });

  test("a forged webhook is no reason to name the secret", async () => {
    await startCanary();
    await refuse(ofCanary(randomUUID()));
    await refuse(ofCanary(""));
    await refuse({ id: "org_canary" });
    expect(await check()).toMatchObject({ fault: "not-sent" });
  });

  test("one that was refused first, and came when it was sent again, came", async () => {
    await startCanary();
    const organization = ofCanary((await newest()).nonce);
    await refuse(organization);
    expect(await newest()).toMatchObject({ fault: "secret" });
    expect(await sendWebhook(event("organization.updated", organization))).toBe(200);
    expect(await check()).toMatchObject({ arrivedAt: expect.any(Date), fault: null });
  });

  test.each([200, 307, 404])("names our address when it answers %i", async (status) => {
    statusOfRoute = status;
    expect(await round()).toMatchObject({ fault: "not-reachable" });
  });

  test("names the subscription when other types come and this one does not, though it once did", async () => {
    clerkTakes({ isSent: true });
    await round();
    clerkTakes({ isSent: false });
    await startCanary();
    await sendWebhook(event("user.created", userJson({ id: clerkId("user") })));
    expect(await check()).toMatchObject({ fault: "not-subscribed" });
  });

  test("names the sender when this type comes, and not the change", async () => {
    await startCanary();
    await sendWebhook(event("organization.updated", organizationJson({ id: "org_canary" })));
    expect(await check()).toMatchObject({ arrivedAt: null, fault: "not-sent" });
  });

  test("names the sender when nothing comes at all", async () => {
    expect(await round()).toMatchObject({ fault: "not-sent" });
  });
});

describe("health", () => {
  test("has the lag, what waits, what is dead, and the worker that nobody started", async () => {
    await sendWebhook(event("unheard.of", { id: "unknown" }));
    await sendWebhook(event("waitlistEntry.created", { id: "known" }));
    await sendWebhook("null");
    const occurredAt = Date.now() - 2_000;
    await sendWebhook(event("user.created", userJson({ id: clerkId("user") }), occurredAt));
    for (const outcome of ["pending", "dead"]) {
      await sendWebhook(event("unheard.of", { id: outcome }));
      await database().pool.query("UPDATE deliveries SET outcome = $1 WHERE object_id = $1", [
        outcome,
      ]);
    }
    await startCanary();
    const now = new Date(Date.now() + 10 * 60_000);
    const health = await findHealth(now);
    const counts = { pending: 1, dead: 1, quarantined: 0, unreadable: 1, unknown: 1 };
    expect(health).toMatchObject({ ...counts, isWorkerRunning: false });
    expect(health.lagMs).toBeGreaterThanOrEqual(2_000);
    expect(health.lagMs).toBeLessThan(30_000);
    expect(health.oldestPendingMs).toBeGreaterThan(9 * 60_000);
    expect(health.canary).toMatchObject({ fault: "worker" });
  });

  test("is told at /api/ready", async () => {
    clerkTakes({ isSent: true });
    await round();
    await sendWebhook(event("user.created", userJson({ id: clerkId("user") }), Date.now()));
    await sendWebhook(event("unheard.of", { id: "pending" }));
    await database().pool.query(
      "UPDATE deliveries SET outcome = 'pending' WHERE object_id = 'pending'",
    );
    const response = await ready();
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      status: "ok",
      database: "ok",
      sync: {
        lagMs: expect.any(Number),
        pending: 1,
        oldestPendingMs: expect.any(Number),
        dead: 0,
        quarantined: 0,
        lastDeliveryAt: expect.any(String),
        canary: { arrivedAt: expect.any(String), fault: null },
        isWorkerRunning: false,
      },
    });
  });
});

test("a flood of forgeries asks the database once in 4 s, and writes nothing", async () => {
  await startCanary();
  const { nonce } = await newest();
  const forged = Buffer.from(`{"rollcall_canary": "${randomUUID()}"}`);
  let asked = 0;
  const count = () => {
    asked += 1;
  };
  const at = clock + 5_000;
  database().pool.on("acquire", count);
  for (let sent = 0; sent < 100; sent += 1) await recordCanaryRefusal(forged, at + sent);
  database().pool.off("acquire", count);
  expect(asked).toBe(1);
  await recordCanaryRefusal(Buffer.from(`{"rollcall_canary": "${nonce}"}`), at + 200);
  expect(await prisma.canaryRound.findUnique({ where: { nonce } })).toMatchObject({
    fault: "secret",
  });
});
