import { once } from "node:events";
import { createServer } from "node:http";
import type { Page } from "@playwright/test";
import { expect } from "./fixtures";
import { type OwnStack, testWithOwnStack as test } from "./own-stack";

// These tests stop parts of one shared stack, so they run one after another.
test.describe.configure({ mode: "serial" });
test.afterEach(async ({ own }) => {
  own.database.set({ kind: "none" });
  await own.clerk.faults.clear();
});

const bar = (page: Page) => page.getByRole("status").filter({ hasText: "Not updating since" });
const heading = (page: Page) => page.getByRole("heading", { level: 1 });

async function expectShell(page: Page): Promise<void> {
  await expect(page.getByRole("navigation", { name: "Console" })).toBeVisible();
  await expect(page.getByRole("navigation", { name: "Breadcrumbs" })).toBeVisible();
  await expect(page.getByRole("button", { name: /user (button|menu)/i })).toBeVisible();
}

test("the console keeps its content while the database is down, shows since when, and recovers without a reload", async ({
  page,
  own,
}) => {
  const { id } = await own.signIn(page, "/admin/users", { firstName: "Wigeon", role: "admin" });
  const row = page.getByRole("row").filter({ hasText: /(Wigeon|Gadwall) Amsel/ });
  await expect(row).toContainText("Wigeon Amsel");
  // A refresh keeps this attribute. A page that is rendered from scratch would lose the attribute, and also any text that the
  // user typed.
  await page.getByRole("searchbox").evaluate((field) => field.setAttribute("data-kept", "yes"));
  own.database.set({ kind: "refuse" });
  await expect(bar(page)).toHaveText(/^Not updating since \d\d:\d\d, retrying\.$/);
  await expect(row).toContainText("Wigeon Amsel");
  await expect(page.getByRole("banner").getByText("Sync state unknown")).toBeVisible();
  await expect(page.getByRole("banner").getByText("Last event")).toBeHidden();
  await expectShell(page);
  await own.rename(id, "Gadwall");
  await expect(row).toContainText("Wigeon Amsel");
  own.database.set({ kind: "none" });
  await expect(bar(page)).toHaveCount(0);
  await expect(row).toContainText("Gadwall Amsel");
  await expect(page.getByRole("banner").getByText("Last event")).toBeVisible();
  await expect(page.getByRole("searchbox")).toHaveAttribute("data-kept", "yes");
});

test("a page opened while the database is down shows an error inside the console, and recovers without a reload", async ({
  page,
  own,
}) => {
  await own.signIn(page, "/admin/users", { firstName: "Pochard", role: "admin" });
  own.database.set({ kind: "refuse" });
  const link = (name: string) =>
    page.getByRole("navigation", { name: "Console" }).getByText(name).click();
  for (const [open, url] of [
    [() => link("Organizations"), /\/organizations$/],
    [() => link("Overview"), /\/admin$/],
    [() => page.reload(), /\/admin$/],
  ] as const) {
    await open();
    // The error of the page before looks the same.
    await expect(page).toHaveURL(url);
    const alert = page.getByRole("alert").filter({ hasText: "This page didn’t load" });
    await expect(alert.getByRole("button", { name: "Try again" })).toBeVisible();
    await expect(alert.getByRole("code")).toHaveText(/[\w-]{8,}/);
    await expectShell(page);
  }
  await expect(bar(page)).toBeVisible();
  own.database.set({ kind: "none" });
  await expect(heading(page)).toHaveText("Overview");
  await expect(page.getByRole("table", { name: "People" })).toContainText("Pochard");
  await expect(bar(page)).toHaveCount(0);
});

test("a member's home page keeps its content while the database is down, and recovers without a reload", async ({
  page,
  own,
}) => {
  const { id } = await own.signIn(page, "/home", { firstName: "Eider" });
  await expect(heading(page)).toHaveText("Eider Amsel");
  own.database.set({ kind: "refuse" });
  await expect(bar(page)).toBeVisible();
  await own.rename(id, "Scoter");
  await expect(heading(page)).toHaveText("Eider Amsel");
  await page.reload();
  await expect(page.getByRole("alert").filter({ hasText: "Try again" })).toBeVisible();
  await expect(page.getByRole("button", { name: /user (button|menu)/i })).toBeVisible();
  own.database.set({ kind: "none" });
  await expect(heading(page)).toHaveText("Scoter Amsel");
  await expect(bar(page)).toHaveCount(0);
});

/**
 * Tracks the requests that have no complete response yet. A page breaks if its response is cut off, so the app must not be killed
 * while it sends one.
 */
function watchAnswers(page: Page) {
  const unanswered = new Set<unknown>();
  const answered = (request: unknown) => unanswered.delete(request);
  page.on("requestfinished", answered).on("requestfailed", answered);
  page.on("request", (request) => {
    if (!request.url().endsWith("/api/graphql/stream")) unanswered.add(request);
  });
  const isLive = page.waitForResponse(/api\/graphql\/stream$/);
  return {
    /**
     * Changes the user, and waits until every request has its response. The change causes one refresh. Its delivery causes
     * another refresh within 0.5 s.
     */
    async settle(own: OwnStack, id: string, firstName: string): Promise<void> {
      await isLive;
      await own.rename(id, firstName);
      await expect(page.getByText(`${firstName} Amsel`).first()).toBeVisible();
      await expect.poll(() => unanswered.size, { intervals: [1_000] }).toBe(0);
    },
  };
}

for (const [name, path, title] of [
  ["the console", "/admin/users", "People"],
  ["a member's home page", "/home", "Amsel"],
] as const) {
  test(`${name} keeps what it shows while the server is down or the browser is offline, also after a click`, async ({
    page,
    context,
    own,
  }) => {
    const answers = watchAnswers(page);
    const { id } = await own.signIn(page, path, { firstName: "Smew", role: "admin" });
    await answers.settle(own, id, "Merganser");
    await own.killApp();
    await expect(bar(page)).toBeVisible();
    await expect(heading(page)).toContainText(title);
    // The server is down, so the navigation completes only after `startApp`.
    await page.getByRole("link", { name: path === "/home" ? "Console" : "Sync" }).click();
    await expect(heading(page)).toContainText(title);
    await own.startApp();
    await expect(heading(page)).toHaveText(path === "/home" ? "Overview" : "Sync");
    await expect(bar(page)).toHaveCount(0);

    await page.goBack();
    await expect(heading(page)).toContainText(title);
    await context.setOffline(true);
    await expect(page.getByRole("status").filter({ hasText: "You are offline" })).toBeVisible();
    await own.rename(id, "Goosander");
    await expect(heading(page)).toContainText(title);
    await context.setOffline(false);
    await expect(page.getByText("Goosander Amsel")).toBeVisible();
    await expect(bar(page)).toHaveCount(0);
  });
}

/** Starts a proxy in front of the app. The proxy sends half of each response, and then drops the connection. */
async function startCuttingProxy(appUrl: string) {
  let cuts = 0;
  const server = createServer(async (request, response) => {
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers)) {
      const isForwarded = !/^(host|connection|accept-encoding)$/.test(name);
      if (isForwarded && typeof value === "string") headers.set(name, value);
    }
    const answer = await fetch(`${appUrl}${request.url}`, { headers });
    const body = Buffer.from(await answer.arrayBuffer());
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
    response.write(body.subarray(0, body.byteLength / 2), () => {
      cuts += 1;
      response.destroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (!address || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    cuts: () => cuts,
    close: () => server.close(),
  };
}

test("the console stays on the screen when the response to a navigation is cut off, and then completes the navigation by itself", async ({
  page,
  own,
}) => {
  await own.signIn(page, "/admin/users", { firstName: "Dunlin", role: "admin" });
  // `first`, because other tests on the same stack create users with this name.
  const rows = page.getByRole("row").filter({ hasText: "Dunlin Amsel" });
  await expect(rows.first()).toBeVisible();
  const proxy = await startCuttingProxy(own.appUrl);
  await page.route(/\/admin\/organizations/, (route) => {
    const { pathname, search } = new URL(route.request().url());
    return route.continue({ url: `${proxy.url}${pathname}${search}` });
  });
  await page.getByRole("navigation", { name: "Console" }).getByText("Organizations").click();
  await expect.poll(proxy.cuts).toBeGreaterThan(0);
  await expect(bar(page)).toBeVisible();
  await expectShell(page);
  await expect(heading(page)).toHaveText(/^(People|Organizations)/);
  await page.unrouteAll();
  await expect(page.getByRole("status").filter({ hasText: "Loading" })).toHaveCount(0);
  await expect(heading(page)).toHaveText(/^Organizations/);
  await expect(bar(page)).toHaveCount(0);
  await expectShell(page);
  proxy.close();
});

test("the console keeps its content when the server is killed during a slow navigation, and completes the navigation when the server is back", async ({
  page,
  own,
}) => {
  const failures: string[] = [];
  await page.exposeFunction("reportFailure", (text: string) => failures.push(text));
  await page.clock.install();
  await own.signIn(page, "/admin/users", { firstName: "Sandgrouse", role: "admin" });
  await expect(page.getByRole("row").filter({ hasText: "Sandgrouse Amsel" })).toBeVisible();
  await page.evaluate(() => {
    new MutationObserver(() => {
      for (const alert of document.querySelectorAll("[role=alert]"))
        if (alert.textContent) Reflect.get(window, "reportFailure")(alert.textContent);
    }).observe(document.body, { subtree: true, childList: true });
  });
  // The database does not answer, so the response begins and has no part that can be shown.
  own.database.set({ kind: "silent" });
  const begun = page.waitForResponse(/\/admin\/organizations\?_rsc=/);
  await page.getByRole("navigation", { name: "Console" }).getByText("Organizations").click();
  await begun;
  // From then on, the incomplete response is passed on to Next.
  await page.clock.fastForward(1_000);
  await own.killApp();
  own.database.set({ kind: "none" });
  await expect(bar(page)).toBeVisible();
  await expect(heading(page)).toContainText("People");
  await expectShell(page);
  await own.startApp();
  await expect(heading(page)).toHaveText(/^Organizations/);
  await expect(bar(page)).toHaveCount(0);
  expect(failures).toEqual([]);
});

test("the console keeps its content while a proxy responds with 502, and completes a clicked navigation when the server is back", async ({
  page,
  own,
}) => {
  const { id } = await own.signIn(page, "/admin/users", { firstName: "Knot", role: "admin" });
  await expect(page.getByRole("row").filter({ hasText: "Knot Amsel" })).toBeVisible();
  await page.getByRole("searchbox").evaluate((field) => field.setAttribute("data-kept", "yes"));
  let refused = 0;
  await page.route(/^[^?]*\/admin\b/, async (route) => {
    refused += 1;
    await route.fulfill({ status: 502, contentType: "text/html", body: "<h1>Bad Gateway</h1>" });
  });
  await own.rename(id, "Ruff");
  await expect(bar(page)).toBeVisible();
  await page
    .getByRole("navigation", { name: "Console" })
    .getByText("Sync", { exact: true })
    .click();
  const before = refused;
  await expect.poll(() => refused).toBeGreaterThan(before);
  await expect(heading(page)).toContainText("People");
  await expect(page.getByRole("searchbox")).toHaveAttribute("data-kept", "yes");
  await expectShell(page);
  await page.unrouteAll();
  await expect(heading(page)).toHaveText("Sync");
  await expect(bar(page)).toHaveCount(0);
});

test("the console keeps its content while Clerk is down, and recovers without a reload", async ({
  page,
  own,
}) => {
  const answers = watchAnswers(page);
  const { id } = await own.signIn(page, "/admin/users", { firstName: "Teal", role: "admin" });
  await answers.settle(own, id, "Garganey");
  await own.clerk.faults.set({ api: "fapi", outcome: "503" });
  // The page reopens a stream with a fresh token. With an empty token cache, only Clerk can issue this token, and Clerk is down.
  await page.evaluate("window.Clerk.session.clearCache()");
  await own.killApp();
  await own.startApp();
  await expect(bar(page)).toBeVisible();
  await expect(heading(page)).toContainText("People");
  await own.clerk.faults.clear();
  await expect(bar(page)).toHaveCount(0);
  await expect(page.getByRole("row").filter({ hasText: "Garganey" })).toBeVisible();
});

test("an unknown URL below /admin shows an admin the console's own not-found page, with HTTP status 404", async ({
  page,
  own,
}) => {
  await own.signIn(page, "/admin", { firstName: "Shoveler", role: "admin" });
  for (const [path, title] of [
    ["/admin/unknown", "Page not found"],
    ["/admin/users/user_unknown/more", "Page not found"],
    ["/admin/users/user_unknown", "No user with this id"],
    ["/admin/organizations/org_unknown", "No organization with this id"],
  ] as const) {
    const response = await page.goto(`${own.appUrl}${path}`);
    expect(response?.status(), path).toBe(404);
    await expect(heading(page)).toHaveText(title);
    await expectShell(page);
  }
});
