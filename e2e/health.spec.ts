import { randomUUID } from "node:crypto";
import { backend, expect, newPerson, PASSWORD, signIn, test } from "./fixtures";

test("the health page names the link that is broken, and takes it back by itself", async ({
  page,
  sql,
}) => {
  // The canary is the whole instance's: one of these at a time.
  await sql("SELECT pg_advisory_lock(hashtext('health.spec'))");
  const admin = await newPerson("Fieldfare", { publicMetadata: { role: "admin" } });
  await signIn(page, admin.email, "/admin", PASSWORD);
  await page
    .getByRole("banner")
    .getByRole("link", { name: /newest event/i })
    .click();
  await expect(page.getByRole("heading", { level: 1, name: "Health" })).toBeVisible();
  const chain = page.getByRole("region", { name: "From Clerk to here" });
  const link = (name: string) => chain.getByRole("listitem").filter({ hasText: name });
  await expect(link("A worker looks after the rest")).toContainText("Working");
  await expect(link("Its signature verifies")).toContainText("Working");
  await expect(link("Clerk takes a change")).toContainText("Not known");
  await expect(chain).toContainText("With CANARY_ORGANIZATION_ID set");

  const subscription = link("The endpoint is subscribed to it");
  const nonce = randomUUID();
  await sql("INSERT INTO canary_rounds (nonce, fault) VALUES ($1, 'not-subscribed')", [nonce]);
  try {
    // The console's one stream tells that something came.
    await backend.users.updateUser(admin.id, { lastName: "Pilaris" });
    await expect(subscription).toContainText("Broken");
    await expect(subscription).toContainText("subscribe the endpoint to all events");
    const sentence = "Some events are not subscribed to";
    await expect(page.getByRole("main")).toContainText(sentence);
    await expect(page.getByRole("banner")).toContainText(sentence);
    await expect(page.getByRole("region", { name: "Figures" })).toContainText("Did not come back");

    // Nothing comes, and nobody tells.
    await sql("UPDATE canary_rounds SET fault = NULL, arrived_at = now() WHERE nonce = $1", [
      nonce,
    ]);
    await expect(subscription).toContainText("Working");
    await expect(page.getByRole("banner")).not.toContainText(sentence);
  } finally {
    await sql("DELETE FROM canary_rounds WHERE nonce = $1", [nonce]);
  }
});
