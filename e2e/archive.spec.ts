/** What an admin does with the purchases of a deleted user in the archive. */
import { backend, expect, newPerson, signInByLink, test } from "./fixtures";

test("an admin looks up the purchases of a deleted user, holds the entry and purges it", async ({
  page,
  sql,
}) => {
  const admin = await newPerson("Regent", { publicMetadata: { role: "admin" } });
  const buyer = await newPerson("Quince");
  const mirrored = () => sql("SELECT FROM users WHERE id = $1", [buyer.id]);
  await expect.poll(async () => (await mirrored()).length).toBe(1);
  await sql(
    `INSERT INTO payment_attempts (id, version, user_id, status, amount, currency) VALUES ('pay_' || $1, 1, $1, 'paid', 1250, 'EUR')`,
    [buyer.id],
  );
  await backend.users.deleteUser(buyer.id);
  await signInByLink(page, admin.id, "/admin/archive");

  const notes = page.getByRole("list", { name: "Notes" });
  const entry = page.getByRole("article", { name: /^Entry / });
  await expect(async () => {
    await page.getByLabel("Email address, id or key").fill(buyer.email);
    await page.getByLabel(/^Reason/).fill("Ticket 4711");
    await page.getByRole("button", { name: "Look up" }).click();
    await expect(entry).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await expect(entry.getByRole("table", { name: "Purchases" })).toContainText("€12.50");
  await entry.getByLabel(/^Note/).fill("Refund of June paid.");
  await entry.getByRole("button", { name: "Add note" }).click();
  await expect(notes).toContainText("Refund of June paid.");

  const dialog = page.getByRole("dialog");
  const confirm = async (button: string, label: string) => {
    await entry.getByRole("button", { name: button }).click();
    await dialog.getByLabel(/^Reason/).fill("Court");
    await dialog.getByRole("button", { name: label }).click();
    await expect(dialog).toBeHidden();
  };
  await confirm("Set legal hold", "Set hold");
  await expect(entry).toContainText("Held");
  const history = entry.getByRole("table", { name: "History" });
  await expect(history.getByRole("row")).toContainText([
    "Act",
    /Legal hold set.*Court/,
    "Note added",
    /Looked up.*Ticket 4711/,
  ]);
  await expect(entry.getByRole("button", { name: "Purge now" })).toBeDisabled();
  await confirm("Release hold", "Release hold");
  await entry.getByRole("button", { name: "Purge now" }).click();
  await dialog.getByLabel(/^Reason/).fill("Court");
  await dialog.getByRole("button", { name: "Purge" }).click();
  await expect(page.getByText("The entry and its key are destroyed.")).toBeVisible();
  const left = await sql("SELECT FROM payment_attempts WHERE id = $1 AND status IS NOT NULL", [
    `pay_${buyer.id}`,
  ]);
  expect(left).toEqual([]);
});
