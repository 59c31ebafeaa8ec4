// Tests the deferred action of a guest in React's StrictMode, which runs every effect twice. The production build has no
// StrictMode, so this bundles the button with the development build of React. The server is the production build.

import type { Page } from "@playwright/test";
import { build } from "esbuild";
import { z } from "zod";
import { expect, newPerson, signInByLink, test } from "../fixtures";

const PAGE = "/strict-mode";

/** Serves the bundled page at `PAGE`. Records the steps that the page sends to `/api/actions`. */
async function servePage(page: Page): Promise<string[]> {
  const { outputFiles } = await build({
    entryPoints: ["e2e/social/strict-mode-page.tsx"],
    bundle: true,
    write: false,
    jsx: "automatic",
    define: { "process.env": JSON.stringify({ NODE_ENV: "development" }) },
    // Next's client modules read `process` outside `process.env` too.
    banner: { js: "var process = {};" },
    logLevel: "error",
  });
  await page.route(
    (url) => url.pathname === PAGE,
    (route) =>
      route.fulfill({
        contentType: "text/html",
        body: `<!doctype html><meta charset="utf-8"><body><script type="module">${outputFiles[0]?.text.replaceAll("</script", "<\\/script")}</script></body>`,
      }),
  );
  const steps: string[] = [];
  page.on("request", (request) => {
    if (new URL(request.url()).pathname !== "/api/actions") return;
    steps.push(z.object({ step: z.string() }).parse(request.postDataJSON()).step);
  });
  return steps;
}

test("in StrictMode, a guest's double click makes one intent, and after sign-in two effects resume it once", async ({
  page,
  sql,
}) => {
  const { id } = await newPerson("Signe");
  const steps = await servePage(page);
  await page.goto(PAGE);
  await page.getByRole("button", { name: "Add Liechtenstein to your wishlist" }).dblclick();
  const sheet = page.getByRole("dialog", {
    name: "Sign in to add Liechtenstein to your wishlist",
  });
  const path = new URL(
    (await sheet.getByRole("link", { name: "Sign in" }).getAttribute("href")) ?? "",
    page.url(),
  ).searchParams.get("redirect_url");
  const intents = () => sql("SELECT state, user_id FROM intents WHERE args ->> 'countryId' = 'LI'");
  expect(await intents()).toEqual([{ state: "pending", user_id: null }]);
  expect(steps).toEqual(["press"]);

  // The landing page resumes no intents. Opened by it, the middleware sets the session cookie.
  await signInByLink(page, id, "/");
  await page.goto(path ?? "");
  await expect(page.getByRole("status")).toContainText("Liechtenstein is on your wishlist.");
  expect(steps).toEqual(["press", "resume"]);
  expect(await intents()).toEqual([{ state: "done", user_id: id }]);
  expect(await sql("SELECT country_id FROM wishlist_items WHERE user_id = $1", [id])).toEqual([
    { country_id: "LI" },
  ]);
});
