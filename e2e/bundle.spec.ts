import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "./fixtures";

/** Phrases that occur only in the source of the local Clerk. */
const phrases = [
  "not_implemented_locally",
  "played by the local Clerk",
  "refuses to start with NODE_ENV",
];

test("the production build contains nothing of the local Clerk", () => {
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

/**
 * All JavaScript that a public page makes a guest's browser load, in kB (1,000 bytes) after gzip. Measured: 144, 148, 148. Of
 * that, 131 kB are React and Next. The scripts of `app/error.tsx` and `app/global-error.tsx` are on every page: with Next's link
 * in both, each page had 6 kB more.
 */
const limits = { "/": 147, "/countries": 151, "/countries/portugal": 151 };

for (const [path, limit] of Object.entries(limits)) {
  test(`a guest's ${path} loads little JavaScript, and none of Clerk's`, async ({ page }) => {
    const scripts: Promise<{ path: string; bytes: number }>[] = [];
    page.on("response", (response) => {
      if (response.request().resourceType() !== "script") return;
      const { pathname } = new URL(response.url());
      scripts.push(
        response.body().then((body) => ({ path: pathname, bytes: gzipSync(body).length })),
      );
    });
    await page.goto(path, { waitUntil: "networkidle" });
    const loaded = await Promise.all(scripts);
    const kilobytes = loaded.reduce((sum, { bytes }) => sum + bytes, 0) / 1000;
    test.info().annotations.push({ type: `scripts of ${path}`, description: `${kilobytes} kB` });
    expect(loaded.filter(({ path }) => !path.startsWith("/_next/static/"))).toEqual([]);
    expect(kilobytes).toBeLessThanOrEqual(limit);
  });
}
