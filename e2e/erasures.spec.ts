/** What an admin does on the console's page Erasures: follows an erasure, undoes a held one, releases the brake, reads a receipt. */
import { randomUUID } from "node:crypto";
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import pg from "pg";
import { type OwnStack, testWithOwnStack as test } from "./own-stack";

type Sql = (text: string, values?: unknown[]) => Promise<Record<string, unknown>[]>;

async function withSql(own: OwnStack, work: (sql: Sql) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: own.database.url });
  await client.connect();
  try {
    await work(async (text, values) => (await client.query(text, values)).rows);
  } finally {
    await client.end();
  }
}

/** Replaces the limits that the worker stored when it started. */
const setLimits = (sql: Sql, limits: object) =>
  sql("UPDATE sync_facts SET value = $1, updated_at = now() WHERE name = 'erasure_settings'", [
    JSON.stringify(limits),
  ]);

/** Creates a user, waits until they are mirrored, deletes them at Clerk, and waits until they are deleted here. */
async function deleteSomebody(own: OwnStack, sql: Sql): Promise<string> {
  const { id } = await own.backend.users.createUser({
    emailAddress: [`${randomUUID().slice(0, 8)}@example.com`],
    skipPasswordRequirement: true,
  });
  const isMirrored = async (deleted: boolean) =>
    (await sql("SELECT FROM users WHERE id = $1 AND deleted = $2", [id, deleted])).length === 1;
  await expect.poll(() => isMirrored(false)).toBe(true);
  await own.backend.users.deleteUser(id);
  await expect.poll(() => isMirrored(true)).toBe(true);
  return id;
}

const rowOf = (page: Page, id: string) =>
  page.getByRole("row").filter({ has: page.getByRole("button", { name: `Copy id ${id}` }) });

/** Loads the page again until the row of this id has the state. */
async function expectState(page: Page, id: string, state: string): Promise<void> {
  await expect(async () => {
    await page.reload();
    await expect(rowOf(page, id)).toContainText(state, { timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
}

async function confirm(page: Page, reason: string, label: string): Promise<void> {
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(/^Reason/).fill(reason);
  await dialog.getByRole("button", { name: label }).click();
  await expect(dialog).toBeHidden();
}

async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .exclude("[class*='cl-']")
    .setLegacyMode()
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"])
    .analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
}

// In this order: the first test expects an empty list.
test.describe.configure({ mode: "serial" });

test("an admin undoes a held deletion, releases the brake, and reads and verifies a receipt", async ({
  page,
  own,
}) => {
  test.slow();
  await own.signIn(page, "/admin/erasures", { firstName: "Regent", role: "admin" });
  await expect(page.getByText("Nothing was erased yet.")).toBeVisible();
  await withSql(own, async (sql) => {
    await setLimits(sql, { holdbackSeconds: 3600 });
    const undone = await deleteSomebody(own, sql);
    await expectState(page, undone, "Held back");
    await rowOf(page, undone).getByRole("button", { name: "Undo…" }).click();
    await confirm(page, "Wrong person", "Undo deletion");
    await expect(rowOf(page, undone)).toContainText("Undone");
    expect(await sql("SELECT FROM users WHERE id = $1 AND NOT deleted", [undone])).toHaveLength(1);
    expect(
      await sql(
        "SELECT detail ->> 'reason' AS reason FROM audit_log WHERE action = 'erasure.undo' AND subject = $1",
        [undone],
      ),
    ).toEqual([{ reason: "Wrong person" }]);

    await setLimits(sql, { holdbackSeconds: 0, brakeCount: 1, brakeShare: 1 });
    const erased = await deleteSomebody(own, sql);
    const paused = await deleteSomebody(own, sql);
    await expectState(page, paused, "Paused");
    await expect(page.getByText(/2 deletions within an hour\. 1 waits/)).toBeVisible();
    await expectAccessible(page);
    await page.getByRole("link", { name: "Show them" }).click();
    await expect(page.getByRole("link", { name: /^Remove filter: State/ })).toBeVisible();
    await expect(rowOf(page, paused)).toBeVisible();
    await expect(rowOf(page, erased)).toBeHidden();
    await page.getByRole("button", { name: "Release…" }).click();
    await confirm(page, "A campaign has ended", "Release");
    await expect(page.getByRole("button", { name: "Release…" })).toBeHidden();
    await page.goto(`${own.appUrl}/admin/erasures`);
    await expectState(page, paused, "Erased");
    expect(
      await sql("SELECT released_by IS NOT NULL AS by, release_reason FROM erasure_brakes"),
    ).toEqual([{ by: true, release_reason: "A campaign has ended" }]);

    await page.goto(`${own.appUrl}/admin/erasures?q=${paused}`);
    await rowOf(page, paused).click({ position: { x: 600, y: 10 } });
    const sheet = page.getByRole("complementary", { name: `Erasure of ${paused}` });
    await expect(sheet.getByRole("region", { name: "Erased rows" })).toContainText("deliveries");
    const receipt = sheet.getByRole("link", { name: "Download the receipt" });
    const line = decodeURIComponent((await receipt.getAttribute("href"))?.split(",")[1] ?? "");
    const [stored] = await sql(
      "SELECT r.hash, r.body FROM erasure_receipts r JOIN erasures e ON e.receipt_sequence = r.sequence WHERE e.subject_id = $1",
      [paused],
    );
    expect(line).toBe(`{"hash":"${stored?.hash}","receipt":${stored?.body}}`);
    await expectAccessible(page);
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await sheet.getByRole("button", { name: "Copy the link" }).click();
    await expect(sheet.getByText("Copied", { exact: true })).toBeVisible();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    expect(await (await fetch(link)).text()).toContain(String(stored?.hash));
    await page.getByRole("link", { name: "Close" }).click();
    await expect(sheet).toBeHidden();

    await page.getByRole("button", { name: "Verify all receipts" }).click();
    await expect(page.getByText("2 receipts: none is missing or changed.")).toBeVisible();
  });
});

test("an admin sees the step of an erasure under way, filters the list by state, and turns its pages", async ({
  page,
  own,
}) => {
  await withSql(own, async (sql) => {
    // Without a due time, no worker runs the step.
    await sql(
      `INSERT INTO erasures (subject_kind, subject_id, addresses, step, next_at) VALUES ('user', 'user_waits', '{}', 'effects', NULL)`,
    );
    await sql(
      `INSERT INTO erasures (subject_kind, subject_id, addresses, step, next_at, deleted_at, erased_at)
       SELECT 'organization', 'org_' || n, '{}', 'done', NULL, now() - n * interval '1 hour', now() - n * interval '1 hour' FROM generate_series(1, 120) AS n`,
    );
    await own.signIn(page, "/admin/erasures?kind=organization", {
      firstName: "Regent",
      role: "admin",
    });
    await expect(page.getByText("1–50 of 120")).toBeVisible();
    await page.getByRole("link", { name: "Next" }).click();
    await expect(page.getByText("51–100 of 120")).toBeVisible();
    await expect(rowOf(page, "org_51")).toBeVisible();
    await page.getByRole("link", { name: "Next" }).click();
    await expect(rowOf(page, "org_120")).toBeVisible();
    await expect(page.getByText("101–120 of 120")).toBeVisible();
    await page.getByRole("link", { name: "Previous" }).click();
    await expect(rowOf(page, "org_51")).toBeVisible();

    await page.goto(`${own.appUrl}/admin/erasures`);
    await page.getByText("Filter and sort").click();
    await page.getByRole("combobox", { name: "State" }).selectOption("Under way");
    await page.getByRole("button", { name: "Show results" }).click();
    await expect(page.getByRole("link", { name: "Remove filter: State: Under way" })).toBeVisible();
    await expect(rowOf(page, "user_waits")).toContainText("Waiting for handlers");
    await expect(rowOf(page, "org_1")).toBeHidden();
  });
});
