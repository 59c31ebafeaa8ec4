// The local Clerk's own page: people pull its levers, and see what they did. With a local Clerk of its own: the
// levers would hit whoever is tested beside it.

import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { z } from "zod";
import { controlClient } from "../dev/local-clerk/control/client";
import { type LocalClerk, startLocalClerk } from "../dev/local-clerk/start";
import { expect, test } from "./fixtures";

/** In the app's place: the ids of the webhooks that came, as often as they came. */
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

test("levers are pulled on the page and take effect", async ({ page }) => {
  await page.goto(url);
  const disturbances = page.getByRole("form", { name: "Webhooks go wrong" });
  await disturbances.getByLabel("Duplicate, %").fill("50");
  await disturbances.getByRole("button", { name: "Set" }).click();
  await expect(page.getByText("Now: 50 % twice.")).toBeVisible();

  const faults = page.getByRole("form", { name: "Clerk's APIs go wrong" });
  await faults.getByLabel("Which").selectOption("Backend API");
  await faults.getByLabel("Answer").selectOption("429");
  await faults.getByRole("button", { name: "Add" }).click();
  await expect(page.getByText("Now: Backend API answers 429.")).toBeVisible();
  const asked = await page.request.get(`${local.url}/bapi/v1/users`);
  expect(asked.status()).toBe(429);
  await faults.getByRole("button", { name: "Clear all" }).click();
  await expect(page.getByText("Now: no trouble.")).toBeVisible();

  const { now } = await control.overview();
  await page.getByRole("button", { name: "7 days" }).click();
  await expect.poll(async () => (await control.overview()).now - now).toBeGreaterThan(6e8);

  const pay = page.getByRole("form", { name: "Somebody pays" });
  await pay.getByLabel("What happens").selectOption("Buys a plan");
  await pay.getByRole("button", { name: "Simulate" }).click();
  const messages = page.getByRole("region", { name: "Webhooks" });
  await expect(messages.getByText("subscription.active")).toBeVisible();

  await page.getByText("Settings of the instance").click();
  await page.getByLabel("Sign up").selectOption("waitlist");
  await page.getByRole("button", { name: "Save settings" }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
  expect((await control.settings.get()).signUp).toBe("waitlist");

  await page.getByRole("button", { name: "Reset to the seed" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Reset" }).click();
  await expect(page.getByText("Now: at once, in order, each once.")).toBeVisible();
  expect((await control.settings.get()).signUp).toBe("public");
});

test("the outbox shows codes and links, sessions end, and a message goes again", async ({
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
  await expect(sessions.getByText("Nobody is signed in.")).toBeVisible();
  const messages = page.getByRole("region", { name: "Webhooks" });
  await messages.getByRole("button", { name: "Send missing again" }).click();
  await expect(messages.getByText("0 messages go again.")).toBeVisible();
  const again = messages.getByRole("button", { name: /^Send session\.created / }).first();
  const [id] = /msg_\w+/.exec((await again.getAttribute("aria-label")) ?? "") ?? [];
  const times = () => received.filter((each) => each === id).length;
  await expect.poll(times).toBe(1);
  await again.click();
  await expect.poll(times).toBe(2);
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`the page is fit for everybody in ${colorScheme}, and on a narrow screen`, async ({
    page,
  }) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 375, height: 800 });
    await page.goto(url);
    await page.getByText("Settings of the instance").click();
    await expect(page.getByRole("button", { name: "Save settings" })).toBeVisible();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
    const overflow = "document.documentElement.scrollWidth - innerWidth";
    expect(await page.evaluate(overflow)).toBeLessThanOrEqual(0);
  });
}
