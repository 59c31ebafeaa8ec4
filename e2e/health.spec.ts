import { randomUUID } from "node:crypto";
import { backend, expect, newPerson, PASSWORD, signIn, test } from "./fixtures";

test("the health page names the broken stage, and shows it working again without a reload", async ({
  page,
  sql,
}) => {
  // The canary's state is shared by the whole stack, so only one run of this test at a time may change it.
  await sql("SELECT pg_advisory_lock(hashtext('health.spec'))");
  const admin = await newPerson("Fieldfare", { publicMetadata: { role: "admin" } });
  await signIn(page, admin.email, "/admin", PASSWORD);
  await page.getByRole("banner").locator('a[href="/admin/sync"]:visible').click();
  await expect(page.getByRole("heading", { level: 1, name: "Sync" })).toBeVisible();
  const pipeline = page.getByRole("region", { name: "From Clerk to Rollcall" });
  const stage = (name: string) => pipeline.getByRole("listitem").filter({ hasText: name });
  await expect(stage("Background worker")).toContainText("Working");
  await expect(stage("Signature valid")).toContainText("Working");
  await expect(stage("Clerk API")).toContainText("Unknown");
  await expect(pipeline).toContainText("Set CANARY_ORGANIZATION_ID");

  const subscription = stage("Event subscription");
  const nonce = randomUUID();
  await sql("INSERT INTO canary_rounds (nonce, fault) VALUES ($1, 'not-subscribed')", [nonce]);
  try {
    // This change sends a webhook. Any webhook makes the console's stream refresh the page.
    await backend.users.updateUser(admin.id, { lastName: "Pilaris" });
    await expect(subscription).toContainText("Broken");
    const sentence = "Some events are not subscribed";
    await expect(page.getByRole("main")).toContainText(sentence);
    await expect(page.getByRole("main")).toContainText("subscribe the endpoint to all events");
    await expect(page.getByRole("banner")).toContainText(sentence);
    await expect(page.getByRole("region", { name: "Figures" })).toContainText("Failed");

    // No event announces this change; the console's polling must find it.
    await sql("UPDATE canary_rounds SET fault = NULL, arrived_at = now() WHERE nonce = $1", [
      nonce,
    ]);
    await expect(subscription).toContainText("Working");
    await expect(page.getByRole("banner")).not.toContainText(sentence);
  } finally {
    await sql("DELETE FROM canary_rounds WHERE nonce = $1", [nonce]);
  }
});
