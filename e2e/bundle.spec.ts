import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Page, Response } from "@playwright/test";
import { expect, seeded, signIn, test } from "./fixtures";

/** Phrases that occur only in the source of the local Clerk. */
const phrases = [
  "not_implemented_locally",
  "played by the local Clerk",
  "refuses to start with NODE_ENV",
];

test("the production build contains no code of the local Clerk", () => {
  const bundles = ["server", "static"].flatMap((part) =>
    readdirSync(join(".next", part), { recursive: true, encoding: "utf8" })
      .filter((path) => /\.m?js$/.test(path))
      .map((path) => join(".next", part, path)),
  );
  expect(bundles.length).toBeGreaterThan(10);
  const found = bundles.filter((path) => {
    const text = readFileSync(path, "utf8");
    return phrases.some((phrase) => text.includes(phrase));
  });
  expect(found).toEqual([]);
});

type Scripts = { app: number; others: string[] };

/**
 * Records the scripts that a page loads. The returned function stops recording. It resolves to the size of the app's own scripts
 * in kB (1,000 bytes) after gzip, and the paths of all other scripts.
 */
function watchScripts(page: Page): () => Promise<Scripts> {
  const scripts: Promise<{ path: string; bytes: number }>[] = [];
  const watch = (response: Response) => {
    if (response.request().resourceType() !== "script") return;
    const { pathname } = new URL(response.url());
    const sizeOf = (body: Buffer) => ({ path: pathname, bytes: gzipSync(body).length });
    scripts.push(response.body().then(sizeOf));
  };
  page.on("response", watch);
  return async () => {
    // Stops recording, because the body of a script that arrives at the end of the test can no longer be read.
    page.off("response", watch);
    const loaded = await Promise.all(scripts);
    const isOwn = ({ path }: { path: string }) => path.startsWith("/_next/static/");
    const app = loaded.filter(isOwn).reduce((sum, { bytes }) => sum + bytes, 0) / 1000;
    const others = loaded.filter((script) => !isOwn(script)).map(({ path }) => path);
    const { title, annotations } = test.info();
    annotations.push({ type: `scripts: ${title}`, description: `${app} kB` });
    return { app, others };
  };
}

/**
 * Limits in kB for a public page's JavaScript in a guest's browser. Measured: 144, 148, 148 kB, of which 131 kB are React and
 * Next. Every page loads the scripts of `app/error.tsx` and `app/global-error.tsx`. When both used Next's link component, each
 * page had 6 kB more.
 */
const guestLimits = { "/": 147, "/countries": 151, "/countries/portugal": 151 };

for (const [path, limit] of Object.entries(guestLimits)) {
  test(`a guest's ${path} loads little JavaScript, and none of Clerk's`, async ({ page }) => {
    const scripts = watchScripts(page);
    await page.goto(path, { waitUntil: "networkidle" });
    const { app, others } = await scripts();
    expect(others).toEqual([]);
    expect(app).toBeLessThanOrEqual(limit);
  });
}

test("the sign-in link fetches Clerk's scripts when the pointer is over it, and the form fetches no script twice", async ({
  page,
}) => {
  const fetched: string[] = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (/\/npm\/@clerk\/(clerk-js|ui)@\d+\/dist\/[\w.]+\.browser\.js$/.test(pathname))
      fetched.push(pathname.replace(/^.*@clerk\//, ""));
  });
  const both = ["clerk-js@6/dist/clerk.browser.js", "ui@1/dist/ui.browser.js"];
  await page.goto("/", { waitUntil: "networkidle" });
  expect(fetched).toEqual([]);
  const link = page.getByRole("main").getByRole("link", { name: "Sign in" });
  await link.hover();
  await expect.poll(() => fetched.toSorted()).toEqual(both);
  await link.click();
  await page.getByLabel("Email address").waitFor();
  expect(fetched.toSorted()).toEqual(both);
});

/**
 * Limits in kB for a signed-in user's page, without the scripts that Clerk serves. Measured: 260.3, 260 kB. Of that, 131
 * are React and Next. Clerk's React package comes without its query client and the pages router (`next.config.ts`).
 */
const memberLimits = { "/home": 261, "/admin": 270 };

for (const [path, limit] of Object.entries(memberLimits)) {
  test(`${path} loads little JavaScript beside Clerk's own`, async ({ page, context }) => {
    await signIn(page, seeded.admin, path);
    const fresh = await context.newPage();
    const scripts = watchScripts(fresh);
    const isLive = fresh.waitForResponse(/api\/graphql\/stream$/);
    await fresh.goto(path);
    await isLive;
    expect((await scripts()).app).toBeLessThanOrEqual(limit);
  });
}
