/**
 * Tests that, without CLERK_INSTANCE_ID, the Clerk instance of the mirror is read from the Backend API, never from a delivery.
 */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { answerJson, type BackendApi, startBackendApi } from "@/dev/testing/backend-api";
import { clerkId, event, userJson } from "@/dev/testing/clerk-payloads";
import { svixHeaders } from "@/dev/testing/sign";
import { sendWebhook } from "@/dev/testing/webhook";
import { database } from "../../db";
import { receiveDelivery } from "./receive";
import { replayDeliveries } from "./replay";

let api: BackendApi;
beforeAll(async () => {
  api = await startBackendApi();
  Object.assign(process.env, { CLERK_API_URL: api.url, CLERK_INSTANCE_ID: "" });
});
afterAll(() => api.close());

/** Makes the stub of Clerk return this id as the instance of CLERK_SECRET_KEY. With null, the stub responds with 500. */
function clerkSays(id: string | null): void {
  api.intercept = (response) =>
    id === null
      ? answerJson(response, 500, {})
      : answerJson(response, 200, { object: "instance", id, environment_type: "production" });
}

/** The mocked time. It advances between tests by more than the minimum time between two requests to Clerk. */
let now = Date.now();
beforeEach(() => {
  now += 120_000;
  vi.useFakeTimers({ toFake: ["Date"], now });
  return () => vi.useRealTimers();
});

async function deliver(
  instanceId: string | undefined,
  userId = clerkId("user"),
): Promise<string | undefined> {
  const body = JSON.stringify({
    ...event("user.created", userJson({ id: userId })),
    instance_id: instanceId,
  });
  const id = `msg_${randomUUID()}`;
  const headers = svixHeaders(body, process.env.CLERK_WEBHOOK_SIGNING_SECRET ?? "", { id });
  const request = new Request("https://rollcall.test/", { method: "POST", body, headers });
  expect((await receiveDelivery(request)).status).toBe(200);
  const row = await database().prisma.delivery.findUnique({ where: { svixId: id } });
  return row?.outcome;
}

test("while Clerk does not respond, an event is applied, and the instance id in it is not stored", async () => {
  clerkSays(null);
  expect(await deliver("ins_any")).toBe("applied");
  expect(await database().prisma.syncFact.count({ where: { name: "instance_id" } })).toBe(0);
});

test("Clerk's published example event is ignored even as the first delivery, and events of our own instance are applied", async () => {
  clerkSays("ins_ours");
  expect(await deliver("ins_123")).toBe("ignored");
  expect(await deliver("ins_ours")).toBe("applied");
  expect(await deliver("ins_ours")).toBe("applied");
});

test("an event without an instance id creates no user if the id is from one of Clerk's older example events, and creates one otherwise", async () => {
  const example = "user_29w83sxmDNGwOuEthce5gg56FcC";
  expect(await deliver(undefined, example)).toBe("ignored");
  expect(await database().prisma.user.findUnique({ where: { id: example } })).toBeNull();
  expect(await deliver(undefined)).toBe("applied");
  expect(await deliver("ins_ours", example)).toBe("applied");
});

test.each([
  [
    "an invitation of the example organization",
    "organizationInvitation.accepted",
    { id: "orginv_any", organization_id: "org_29w9IfBrPmcpi0IeBVaKtA7R94W" },
  ],
  [
    "the example invitation",
    "organizationInvitation.created",
    { id: "orginv_29wBIniWYy0slasTNQlmHD9HeN1" },
  ],
  [
    "a session of an example user",
    "session.created",
    { id: "sess_any", user_id: "user_29wBMCtzATuFJut8jO2VNTVekS4", status: "active" },
  ],
  [
    "a membership in the example organization",
    "organizationMembership.created",
    {
      id: "orgmem_any",
      organization: { id: "org_2g7np7Hrk0SN6kj5EDMLDaKNL0S" },
      public_user_data: { user_id: "user_any" },
    },
  ],
])(
  "an event about an id from Clerk's older example events (%s) is ignored if it has no instance id",
  async (_name, type, data) => {
    const svixId = clerkId("msg");
    const payload = event(type, {
      ...data,
      created_at: 1_654_013_202_977,
      updated_at: 1_654_013_202_977,
    });
    expect(await sendWebhook({ ...payload, instance_id: undefined }, { id: svixId })).toBe(200);
    const delivery = await database().prisma.delivery.findUnique({ where: { svixId } });
    expect(delivery?.outcome).toBe("ignored");
  },
);

test("events of another instance are quarantined, with at most one request to Clerk per minute", async () => {
  api.requests.length = 0;
  for (let sent = 0; sent < 5; sent += 1) expect(await deliver("ins_other")).toBe("quarantined");
  expect(api.requests).toEqual(["GET /v1/instance"]);
});

test("an instance id that an earlier release stored from a delivery is replaced by the one that Clerk returns", async () => {
  vi.resetModules();
  const { originOf } = await import("./clerk-instance");
  await database().prisma.syncFact.update({
    where: { name: "instance_id" },
    data: { value: "ins_123" },
  });
  expect(await originOf({ instanceId: "ins_ours" })).toBe("ours");
});

test("after CLERK_SECRET_KEY is replaced, a replay applies the quarantined events of the new key's instance", async () => {
  clerkSays("ins_other");
  expect(await deliver("ins_other")).toBe("applied");
  const counts = await replayDeliveries({ list: "quarantined" });
  expect(counts).toEqual({ applied: 5 });
  expect(await deliver("ins_ours")).toBe("quarantined");
});
