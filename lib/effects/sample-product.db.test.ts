/** Tests the handlers of the sample product, run by the worker and by the cron route. */
import { afterAll, expect, test } from "vitest";
import { clerkId, deletedJson, event, userJson } from "@/dev/testing/clerk-payloads";
import { sendWebhook } from "@/dev/testing/webhook";
import { database } from "../db";
import { drainQueue } from "../worker/drain";
import { startWorker } from "../worker/start";
import { registry } from "./handlers";
import { subscribeHandlers } from "./subscribers";

const { prisma } = database();
const T = 1_790_000_000_000;
const send = async (type: string, data: object, at = T) =>
  expect(await sendWebhook(event(type, data, at))).toBe(200);
const hasProfile = async (userId: string) =>
  (await prisma.profile.findUnique({ where: { userId } })) !== null;

await subscribeHandlers(registry);
// Marks the tasks that call Clerk as not due.
await prisma.syncFact.createMany({
  data: ["due reconcile", "due canary"].map((name) => ({ name, value: {} })),
});

test("a request to the cron route creates the profile of a new user", async () => {
  const id = clerkId("user");
  await send("user.created", userJson({ id }));
  expect(await hasProfile(id)).toBe(false);
  await drainQueue();
  expect(await hasProfile(id)).toBe(true);
});

test("no profile is created for a user who is deleted before the handler runs", async () => {
  const id = clerkId("user");
  await send("user.created", userJson({ id }));
  await send("user.deleted", deletedJson(id), T + 1);
  await drainQueue();
  expect(await hasProfile(id)).toBe(false);
  expect(await prisma.effectJob.findFirst({ where: { objectId: id } })).toMatchObject({
    doneAt: expect.any(Date),
    current: null,
  });
});

test("a running worker creates the profile of a new user within a second of the commit", async () => {
  const worker = await startWorker();
  afterAll(() => worker.stop());
  const id = clerkId("user");
  await send("user.created", userJson({ id }));
  await expect.poll(() => hasProfile(id), { timeout: 1_000, interval: 20 }).toBe(true);
});
