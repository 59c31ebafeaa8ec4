import type { Page, Request } from "@playwright/test";
import { expect } from "./fixtures";
import { testWithOwnStack as test } from "./own-stack";

// These tests use their own stack: on a shared stack, each change by another test would make the page send requests.

const isPrefetch = (request: Request) => request.headers()["next-router-prefetch"] !== undefined;
/** True for a script of Clerk's. Clerk's script loads parts of itself once, a while after it has started. */
const isScriptOfClerk = (request: Request) => request.url().includes("/__clerk/npm/");
const isRefresh = (request: Request) =>
  request.headers().rsc !== undefined || new URL(request.url()).pathname === "/api/graphql";

/** Returns a list to which each request of the page is added, in order. */
function requestsOf(page: Page): Request[] {
  const requests: Request[] = [];
  page.on("request", (request) => requests.push(request));
  return requests;
}

/** Waits until the page has sent no request for a second: Clerk's components load their data after the page. */
async function untilIdle(requests: Request[]): Promise<void> {
  let before = -1;
  const isIdle = () => {
    const isSame = requests.length === before;
    before = requests.length;
    return isSame;
  };
  await expect.poll(isIdle, { intervals: [1_000] }).toBe(true);
}

for (const [name, pathOf] of [
  ["the People list", () => "/admin/users"],
  ["a user's page", (id: string) => `/admin/users/${id}`],
  ["Sync", () => "/admin/sync"],
  ["a member's home page", () => "/home"],
] as const) {
  test(`${name} in an idle tab sends at most one request in 30 s, and one for a change`, async ({
    page,
    own,
  }) => {
    await page.clock.install();
    const requests = requestsOf(page);
    const streamOpen = () => page.waitForResponse(/\/api\/graphql\/stream$/);
    let opened = streamOpen();
    const { id } = await own.signIn(page, "/home", { firstName: "Turnstone", role: "admin" });
    await opened;
    opened = streamOpen();
    await page.goto(`${own.appUrl}${pathOf(id)}`);
    await opened;
    /**
     * Renames the user, and waits until the page has refreshed and shows the new name (the Sync page shows no name). Every
     * earlier request has been sent by then.
     */
    const change = async (firstName: string) => {
      const refreshed = page.waitForResponse((response) => isRefresh(response.request()));
      await own.rename(id, firstName);
      await refreshed;
      if (pathOf(id) === "/admin/sync") return;
      await expect(page.getByText(`${firstName} Amsel`).first()).toBeVisible();
    };
    await change("Whimbrel");
    await untilIdle(requests);
    requests.length = 0;
    await page.clock.fastForward(30_000);
    await change("Dunlin");
    const refreshes = requests.filter(isRefresh);
    expect(requests.filter(isPrefetch)).toEqual([]);
    expect(refreshes.length).toBeGreaterThan(0);
    // The changed user causes one refresh, and the delivery that changed the user causes another.
    expect(refreshes.length).toBeLessThanOrEqual(2);
    const others = requests
      .filter((request) => !isRefresh(request) && !isScriptOfClerk(request))
      .map((each) => each.url());
    expect(others.length, others.join("\n")).toBeLessThanOrEqual(1);
  });
}

test("the console's list of people shows initials for people without a picture, and requests no image for them", async ({
  page,
  own,
}) => {
  const requests = requestsOf(page);
  await own.signIn(page, "/admin/users", { firstName: "Sanderling", role: "admin" });
  const rows = page.getByRole("table", { name: "People" }).getByRole("row");
  await expect(rows.filter({ hasText: "Sanderling" })).toContainText("SA");
  expect(await rows.count()).toBeGreaterThan(3);
  // Clerk's own button has the picture of the person who is signed in.
  await expect(page.getByRole("button", { name: /user (button|menu)/i })).toBeVisible();
  const pictures = requests.filter((request) => request.resourceType() === "image");
  expect(pictures.filter((request) => request.url().includes("avatar")).length).toBeLessThanOrEqual(
    1,
  );
  await expect(rows.locator("img")).toHaveCount(0);
});
