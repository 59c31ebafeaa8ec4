import { afterAll, beforeAll, expect, test } from "vitest";
import { type BackendApi, startBackendApi } from "@/dev/testing/backend-api";
import { clerkId, event, organizationJson } from "@/dev/testing/clerk-payloads";
import { sendWebhook } from "@/dev/testing/webhook";
import { database } from "../../db";
import { reconcile } from "./reconcile";

let clerk: BackendApi;

beforeAll(async () => {
  clerk = await startBackendApi();
  process.env.CLERK_API_URL = clerk.url;
});
afterAll(() => clerk.close());

const isShown = async (id: string) =>
  (await database().prisma.organization.count({
    where: { id, deleted: false, version: { gt: 0 } },
  })) === 1;

test("a late organization.created of an organization that is deleted at Clerk creates a row, and the next reconciliation deletes it", async () => {
  const id = clerkId("org");
  const run = () =>
    reconcile({
      mode: "repair",
      trigger: "command",
      force: true,
      calls: { perTenSeconds: 100_000 },
    });
  expect(await run()).toMatchObject({ status: "done" });
  await sendWebhook(event("organization.created", organizationJson({ id })));
  expect(await isShown(id)).toBe(true);
  expect(await run()).toMatchObject({ status: "done" });
  expect(await isShown(id)).toBe(false);
});
