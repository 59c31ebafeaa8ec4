import { randomUUID } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { GET as ready } from "@/app/api/ready/route";
import { answerJson, clerkError, startBackendApi } from "@/dev/testing/backend-api";
import { clerkId, event, organizationJson, userJson } from "@/dev/testing/clerk-payloads";
import { svixHeaders } from "@/dev/testing/sign";
import { postWebhook, sendWebhook } from "@/dev/testing/webhook";
import { database } from "../../db";
import { checkCanary, startCanary } from "./canary";
import { recordCanaryRefusal } from "./canary-refusal";
import { findHealth } from "./health";

process.env.CANARY_ORGANIZATION_ID = "org_canary";
const clerk = await startBackendApi();
process.env.CLERK_API_URL = clerk.url;

/** The status that the stub of our public address returns. Tests change it. */
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

/** Makes the stub of Clerk accept the metadata change of the canary, and send the webhook if `isSent`. */
function clerkTakes({ isSent }: { isSent: boolean }): void {
  clerk.intercept = (response, url, request) => {
    if (!url.pathname.endsWith("/metadata")) return false;
    void text(request).then(async (sent) => {
      const organization = organizationJson({ id: "org_canary", ...JSON.parse(sent) });
      if (isSent) await sendWebhook(event("organization.updated", organization));
      answerJson(response, 200, organization);
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

/**
 * The time of the last refused webhook. Each call of `refuse` advances it by more than the time for which the nonce is cached.
 */
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
  test("the canary changes an organization at Clerk, and records that the webhook of the change arrived", async () => {
    clerkTakes({ isSent: true });
    expect(await round()).toMatchObject({
      acceptedAt: expect.any(Date),
      arrivedAt: expect.any(Date),
      fault: null,
    });
    const jobs = "SELECT FROM graphile_worker.jobs WHERE task_identifier = 'check-canary'";
    expect((await database().pool.query(jobs)).rowCount).toBeGreaterThan(0);
  });

  test.each([
    ["clerk", 422],
    ["clerk-key", 401],
    ["clerk-organization", 404],
  ])(
    "the canary reports the fault %s when Clerk responds to its metadata change with %i",
    async (fault, status) => {
      clerk.intercept = (response) => answerJson(response, status, clerkError("no"));
      expect(await round()).toMatchObject({ acceptedAt: null, fault });
    },
  );

  test("the canary reports the fault `clerk-silent` when Clerk closes the connection without a response", async () => {
    clerk.intercept = (response) => {
      response.destroy();
      return true;
    };
    expect(await round()).toMatchObject({ acceptedAt: null, fault: "clerk-silent" });
  });

  test("the canary reports the fault `secret` as soon as its own webhook is refused", async () => {
    await startCanary();
    const body = JSON.stringify(event("organization.updated", ofCanary((await newest()).nonce)));
    const wrong = `whsec_${Buffer.from("another secret of thirty-two byt").toString("base64")}`;
    expect((await postWebhook(body, svixHeaders(body, wrong))).status).toBe(400);
    await expect.poll(async () => (await newest()).fault).toBe("secret");
    statusOfRoute = 404;
    expect(await check()).toMatchObject({ arrivedAt: null, fault: "secret" });
  });

  test("the canary does not report the fault `secret` after a forged webhook", async () => {
    await startCanary();
    await refuse(ofCanary(randomUUID()));
    await refuse(ofCanary(""));
    await refuse({ id: "org_canary" });
    expect(await check()).toMatchObject({ fault: "not-sent" });
  });

  test("a canary round succeeds when its webhook is refused first and accepted when it is sent again", async () => {
    await startCanary();
    const organization = ofCanary((await newest()).nonce);
    await refuse(organization);
    expect(await newest()).toMatchObject({ fault: "secret" });
    expect(await sendWebhook(event("organization.updated", organization))).toBe(200);
    expect(await check()).toMatchObject({ arrivedAt: expect.any(Date), fault: null });
  });

  test.each([200, 307, 404])(
    "the canary reports the fault `not-reachable` when our public address responds with %i",
    async (status) => {
      statusOfRoute = status;
      expect(await round()).toMatchObject({ fault: "not-reachable" });
    },
  );

  test("the canary reports the fault `not-subscribed` when only other event types arrive, although its event type arrived in an earlier round", async () => {
    clerkTakes({ isSent: true });
    await round();
    clerkTakes({ isSent: false });
    await startCanary();
    await sendWebhook(event("user.created", userJson({ id: clerkId("user") })));
    expect(await check()).toMatchObject({ fault: "not-subscribed" });
  });

  test("the canary reports the fault `not-sent` when other events of its event type arrive, but not the event of its own change", async () => {
    await startCanary();
    await sendWebhook(event("organization.updated", organizationJson({ id: "org_canary" })));
    expect(await check()).toMatchObject({ arrivedAt: null, fault: "not-sent" });
  });

  test("the canary reports the fault `not-sent` when no webhook arrives", async () => {
    expect(await round()).toMatchObject({ fault: "not-sent" });
  });
});

describe("health", () => {
  test("findHealth returns the lag, the length of each list of deliveries, and that no worker is running", async () => {
    await sendWebhook(event("unheard.of", { id: "unknown" }));
    await sendWebhook(event("email.created", { id: "known" }));
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
    const { figures } = await findHealth(now);
    const lists = figures?.deliveries.lists;
    const counts = { pending: 1, dead: 1, quarantined: 0, unreadable: 1, unknown: 1 };
    for (const [list, count] of Object.entries(counts))
      expect(lists).toMatchObject({ [list]: { count } });
    expect(figures?.worker.isWorkerRunning).toBe(false);
    expect(figures?.deliveries.lagMs).toBeGreaterThanOrEqual(2_000);
    expect(figures?.deliveries.lagMs).toBeLessThan(30_000);
    expect(now.getTime() - Number(lists?.pending.oldestAt)).toBeGreaterThan(9 * 60_000);
    expect(figures?.canary.newest).toMatchObject({ fault: "worker" });
  });

  test("/api/ready returns 200 with status, findings and lag when the sync is degraded", async () => {
    clerkTakes({ isSent: true });
    await round();
    await sendWebhook(event("user.created", userJson({ id: clerkId("user") }), Date.now()));
    await sendWebhook(event("unheard.of", { id: "pending" }));
    await database().pool.query(
      "UPDATE deliveries SET outcome = 'pending' WHERE object_id = 'pending'",
    );
    const response = await ready(new Request("https://rollcall.test/api/ready"));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      status: "degraded",
      database: "ok",
      connectionMode: "direct",
      findings: [{ code: "no-worker" }, { code: "pending" }, { code: "current" }],
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

test("a flood of forged webhooks causes one query every 4 s, and no write", async () => {
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
