// The control page of the local Clerk. These tests start their own local Clerk, because faults and resets would disturb tests
// that run at the same time.

import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { z } from "zod";
import { controlClient } from "../../dev/local-clerk/control/client";
import { type LocalClerk, startLocalClerk } from "../../dev/local-clerk/start";
import { expect, test } from "../fixtures";

/** An HTTP server in the app's place. It records the id of each webhook it receives, repeated ids included. */
let app: Server;
let received: string[];
let appUrl: string;
let folder: string;
let local: LocalClerk;
let control: ReturnType<typeof controlClient>;
let url: string;

test.beforeEach(async () => {
  received = [];
  app = createServer((request, response) => {
    if (request.method === "POST") received.push(String(request.headers["svix-id"]));
    response.end();
  });
  await new Promise<void>((resolve) => app.listen(0, resolve));
  const { port } = z.object({ port: z.number() }).parse(app.address());
  appUrl = `http://localhost:${port}`;
  folder = mkdtempSync(join(tmpdir(), "local-clerk-page-"));
  local = await startLocalClerk({ port: 0, dataDir: folder, appUrl });
  control = controlClient(local.url);
  url = `${local.url.replace("127.0.0.1", "localhost")}/__clerk/dev`;
});
test.afterEach(async () => {
  await local.close();
  app.closeAllConnections();
  app.close();
  rmSync(folder, { recursive: true, force: true });
});

test("faults, time, payments and settings that are set on the control page take effect", async ({
  page,
}) => {
  await page.goto(url);
  const webhookFaults = page.getByRole("form", { name: "Webhook faults" });
  await webhookFaults.getByLabel("Duplicate (%)").fill("50");
  await webhookFaults.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByText("Active: 50 % sent twice.")).toBeVisible();

  const faults = page.getByRole("form", { name: "API faults" });
  await faults.getByLabel("API").selectOption("Backend API");
  await faults.getByLabel("Response").selectOption("429");
  await faults.getByRole("button", { name: "Add fault" }).click();
  await expect(page.getByText("Active: Backend API responds with 429.")).toBeVisible();
  const response = await page.request.get(`${local.url}/bapi/v1/users`);
  expect(response.status()).toBe(429);
  await faults.getByRole("button", { name: "No faults" }).click();
  await expect(page.getByText("No API faults.")).toBeVisible();

  const { now } = await control.overview();
  await page.getByRole("button", { name: "7 days" }).click();
  await expect.poll(async () => (await control.overview()).now - now).toBeGreaterThan(6e8);

  const pay = page.getByRole("form", { name: "Payment" });
  await pay.getByLabel("Event").selectOption("Buys a plan");
  await pay.getByRole("button", { name: "Send webhooks" }).click();
  const messages = page.getByRole("region", { name: "Webhooks" });
  await expect(messages.getByText("subscription.active")).toBeVisible();

  await page.getByText("Instance settings").click();
  await page.getByLabel("Sign-up mode").selectOption("waitlist");
  await page.getByRole("button", { name: "Save settings" }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
  expect((await control.settings.get()).signUp).toBe("waitlist");

  await page.getByRole("button", { name: "Reset to the seed" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Reset" }).click();
  await expect(page.getByText("No webhook faults.")).toBeVisible();
  expect((await control.settings.get()).signUp).toBe("public");
});

test("on the control page, generated users and organizations appear, and the app receives their webhooks", async ({
  page,
}) => {
  await page.goto(url);
  const form = page.getByRole("form", { name: "Generate data" });
  await form.getByLabel("Users").fill("30");
  await form.getByLabel("Organizations").fill("3");
  await form.getByRole("button", { name: "Generate data" }).click();
  await expect(form.getByText("Created 30 users and 3 organizations.")).toBeVisible();
  const { usersCount, organizationsCount } = await control.overview();
  expect([usersCount, organizationsCount]).toEqual([37, 5]);
  // The seed sends 15 webhooks. The generated data sends more than 33: one for each user, organization and membership.
  await expect.poll(() => new Set(received).size).toBeGreaterThan(15 + 33);
  const people = page.getByRole("region", { name: "People" });
  await expect(people.getByText("37", { exact: true })).toBeVisible();
});

test("on the control page, a click copies a code, a preset says what is expected and what is active, and a webhook shows its attempts and payload", async ({
  page,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const form = { email_address: "nell.ortiz@example.org", password: "a-long-passw0rd-of-nell" };
  const headers = { origin: appUrl };
  const begun = await page.request.post(`${local.url}/fapi/v1/client/sign_ups`, { headers, form });
  const { id } = (await begun.json()).response;
  const verification = `${local.url}/fapi/v1/client/sign_ups/${id}/prepare_verification`;
  await page.request.post(verification, { headers, form: { strategy: "email_code" } });
  const code = (await control.outbox.latest(form.email_address))?.code ?? "";

  await page.goto(url);
  const outbox = page.getByRole("region", { name: "Outbox" });
  await outbox.getByText(code, { exact: true }).click();
  await expect(page.getByText(`Copied ${code}.`)).toBeAttached();
  expect(await page.evaluate("navigator.clipboard.readText()")).toBe(code);

  const preset = page.getByRole("form", { name: "Preset" });
  await preset.getByLabel("Preset").selectOption("clerk-down");
  await expect(page.getByText("Both APIs answer 503.")).toBeVisible();
  await preset.getByRole("button", { name: "Apply preset" }).click();
  await expect(page.getByText(/^Backend API responds with 503\. Frontend API/)).toBeVisible();
  await preset.getByRole("button", { name: "Clear" }).click();
  await expect(page.getByText("No API faults.")).toBeVisible();

  const messages = page.getByRole("region", { name: "Webhooks" });
  const details = messages.getByRole("button", { name: /attempts and payload of email\.created/ });
  await details.first().click();
  await expect(messages.getByRole("cell", { name: "HTTP 200" })).toBeVisible();
  await expect(messages.getByText('"type": "email.created"')).toBeVisible();

  await page.getByLabel("Search people").fill("kofi");
  const people = page.getByRole("region", { name: "People" });
  await expect(people.getByRole("listitem")).toHaveCount(1);
  await page.getByRole("link", { name: "Coverage" }).click();
  await page.getByLabel(/^Search operations/).fill("PATCH /v1/me/metadata");
  await expect(page.getByRole("row", { name: /^PATCH \/v1\/me\/metadata/ })).toBeVisible();
});

test("on the control page, a mailed link can be opened, a session can be expired, and a webhook can be resent", async ({
  page,
}) => {
  const fapi = `${local.url}/fapi/v1`;
  const headers = { origin: appUrl };
  await control.settings.set({ emailVerification: "both", phone: "optional" });
  const form = { identifier: "kofi.mensah@example.com" };
  const begun = await page.request.post(`${fapi}/client/sign_ins`, { headers, form });
  const path = `${fapi}/client/sign_ins/${(await begun.json()).response.id}`;
  const link = { strategy: "email_link", redirect_url: "/sign-in/verify" };
  await page.request.post(`${path}/prepare_first_factor`, { headers, form: link });
  const password = { strategy: "password", password: local.password };
  await page.request.post(`${path}/attempt_first_factor`, { headers, form: password });

  await page.goto(url);
  const outbox = page.getByRole("region", { name: "Outbox" });
  const opens = outbox.getByRole("link", { name: /open the link/i });
  await expect(opens).toHaveAttribute("href", /__clerk\/v1\/verify\?token=sign_in\./);
  const sessions = page.getByRole("region", { name: "Sessions" });
  await sessions.getByRole("button", { name: /^Expire .* of Kofi Mensah$/ }).click();
  await expect(sessions.getByText("No active sessions.")).toBeVisible();
  const messages = page.getByRole("region", { name: "Webhooks" });
  await messages.getByRole("button", { name: "Resend missing" }).click();
  await expect(messages.getByText("Resending 0 messages.")).toBeVisible();
  const again = messages.getByRole("button", { name: /^Resend session\.created / }).first();
  const [id] = /msg_\w+/.exec((await again.getAttribute("aria-label")) ?? "") ?? [];
  const times = () => received.filter((each) => each === id).length;
  await expect.poll(times).toBe(1);
  await again.click();
  await expect.poll(times).toBe(2);
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`the local Clerk's control page is accessible in ${colorScheme} mode and fits a narrow screen`, async ({
    page,
  }) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 375, height: 800 });
    await page.goto(url);
    await page.getByText("Instance settings").click();
    await expect(page.getByRole("button", { name: "Save settings" })).toBeVisible();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
    const overflow = "document.documentElement.scrollWidth - innerWidth";
    expect(await page.evaluate(overflow)).toBeLessThanOrEqual(0);
  });
}
