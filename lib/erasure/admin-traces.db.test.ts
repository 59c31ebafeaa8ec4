/** Tests that nothing which admins did about a person, or stored in the console, still names the person after the erasure. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { startBackendApi } from "../../dev/testing/backend-api";
import { leaveAdminTraces } from "../../dev/testing/canary-acts";
import { makeCanary } from "../../dev/testing/canary-person";
import { clerkId, deletedJson, event } from "../../dev/testing/clerk-payloads";
import { findInDatabase } from "../../dev/testing/personal-data-scan";
import { sendWebhook } from "../../dev/testing/webhook";
import { createView } from "../console/views";
import { database } from "../db";
import { env } from "../env";
import { runErasures } from "./erase";

const clerk = await startBackendApi();
process.env.CLERK_API_URL = clerk.url;
const { prisma } = database();

beforeAll(() => {
  env().lastAdminPolicy = "refuse";
});
afterAll(() => clerk.close());

async function erase(id: string): Promise<void> {
  expect(await sendWebhook(event("user.deleted", deletedJson(id)))).toBe(200);
  await runErasures();
  await database().pool.query(
    "UPDATE erasures SET deleted_at = deleted_at - interval '1 min', next_at = CASE WHEN next_at IS NOT NULL THEN now() END",
  );
  expect(await runErasures()).toBeNull();
}

test("after an erasure, the acts, bulk acts, audit entries and saved views of other admins do not name the person", async () => {
  const canary = await makeCanary();
  await leaveAdminTraces(canary, clerk);
  await erase(canary.id);
  expect(await findInDatabase(canary.traces)).toEqual([]);
  // The acts on others stay.
  expect(await prisma.act.count({ where: { objectId: canary.friendId } })).toBe(1);
});

test("an erasure deletes the saved views of other admins that have the person's id or address, and keeps those with a similar address", async () => {
  const canary = await makeCanary();
  const owner = clerkId("user");
  const save = async (name: string, parameters: string) => {
    await prisma.consoleView.create({
      data: { list: "users", name, parameters, ownerId: owner, updatedBy: owner },
    });
  };
  const [address = "", second = ""] = canary.addresses;
  await createView(owner, "users", {
    name: "encoded",
    parameters: `search=${encodeURIComponent(address.toUpperCase())}`,
    isShared: true,
  });
  await save("not encoded", `search=${second}&sort=name`);
  await save("lower case encoding", `search=+${second.replace("@", "%40").replace("s", "%73")}`);
  await save("id", `state=banned&createdBy=${canary.id}`);
  await save(address, "");
  await save("kept: longer before", `search=x${encodeURIComponent(address)}`);
  await save("kept: longer after", `search=${encodeURIComponent(address)}.au`);
  await save("kept: nobody", "search=100%&q=%zz");
  await erase(canary.id);
  const kept = await prisma.consoleView.findMany({ where: { ownerId: owner } });
  expect(kept.map(({ name }) => name).sort()).toEqual([
    "kept: longer after",
    "kept: longer before",
    "kept: nobody",
  ]);
});
