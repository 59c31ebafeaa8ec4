/**
 * Tests the webhook route with different values of environment variables. The modules are loaded anew for each value, as when a
 * process starts.
 */
import { afterEach, expect, test, vi } from "vitest";
import { clerkId, event, userJson } from "@/dev/testing/clerk-payloads";
import { svixHeaders } from "@/dev/testing/sign";
import { database } from "../../db";
import { findHealth } from "../monitoring/health";

const { prisma } = database();
const old = process.env.CLERK_WEBHOOK_SIGNING_SECRET ?? "";
const fresh = `whsec_${Buffer.from("another secret of thirty-two byt").toString("base64")}`;

afterEach(() => vi.unstubAllEnvs());

async function startWith(name: string, value: string) {
  vi.stubEnv(name, value);
  vi.resetModules();
  const { POST } = await import("@/app/api/webhooks/clerk/route");
  return async (secret: string, fields: object = { instance_id: "ins_test" }) => {
    const [id, userId] = [clerkId("msg"), clerkId("user")];
    const payload = { ...event("user.created", userJson({ id: userId })), ...fields };
    const body = JSON.stringify(payload);
    const url = "https://rollcall.test/api/webhooks/clerk";
    const headers = svixHeaders(body, secret, { id });
    const { status } = await POST(new Request(url, { method: "POST", body, headers }));
    const delivery = await prisma.delivery.findUnique({ where: { svixId: id } });
    const isMirrored = (await prisma.user.count({ where: { id: userId } })) === 1;
    return { status, outcome: delivery?.outcome, isMirrored };
  };
}

const applied = { status: 200, outcome: "applied", isMirrored: true };
const refused = { status: 400, outcome: undefined, isMirrored: false };

test("both secrets in CLERK_WEBHOOK_SIGNING_SECRET are accepted during a rotation, and the old one is refused once it is removed", async () => {
  const rotating = await startWith("CLERK_WEBHOOK_SIGNING_SECRET", `${fresh},${old}`);
  expect(await rotating(old)).toEqual(applied);
  expect(await rotating(fresh)).toEqual(applied);
  const after = await startWith("CLERK_WEBHOOK_SIGNING_SECRET", fresh);
  expect(await after(old)).toEqual(refused);
  expect(await after(fresh)).toEqual(applied);
});

test("with CLERK_INSTANCE_ID set, an event of another instance is quarantined and counted in Health", async () => {
  const named = await startWith("CLERK_INSTANCE_ID", "ins_ours");
  const quarantined = async () =>
    (await findHealth()).figures?.deliveries.lists.quarantined.count ?? Number.NaN;
  const before = await quarantined();
  expect(await named(old, { instance_id: "ins_first" })).toEqual({
    ...refused,
    status: 200,
    outcome: "quarantined",
  });
  expect(await named(old, { instance_id: "ins_ours" })).toEqual(applied);
  // The console and /api/ready use this count.
  expect(await quarantined()).toBe(before + 1);
});
