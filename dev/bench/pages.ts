/**
 * `npm run bench:pages`: what a guest waits for in a browser, on the production build with the local Clerk and the embedded Postgres.
 * Each round has a new browser context, so nothing is cached. Prints the median and the 95th percentile in ms:
 * - the largest contentful paint (LCP) of the landing page;
 * - from the click on the landing page's "Sign in" to the form's first field;
 * - from the session's activation after the sign-in to the notice that the guest's deferred action is done. The session is active
 *   when clerk-js has the response that includes the session's first token.
 *
 * ROUNDS sets the number of rounds. Prints the machine's load too: other work makes every figure larger.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { createClerkClient } from "@clerk/backend";
import { type Browser, chromium, type Page } from "@playwright/test";
import { findChromium } from "../../e2e/chromium";
import { runMain } from "../../lib/errors";
import { migrate } from "../../prisma/migrate";
import { startLocalClerk } from "../local-clerk/start";
import { findFreePort } from "../ports";
import { createDatabase, startPostgres } from "../postgres/server";
import { startNext } from "../testing/servers";

const ROUNDS = Number(process.env.ROUNDS ?? 10);
const PASSWORD = "a-quiet-Harbour-41";
const EMAIL = "bench@example.com";

const say = (line: string) => process.stdout.write(`${line}\n`);

async function inNewContext<Result>(
  browser: Browser,
  baseURL: string,
  work: (page: Page) => Promise<Result>,
): Promise<Result> {
  const context = await browser.newContext({ baseURL, viewport: { width: 1280, height: 800 } });
  try {
    return await work(await context.newPage());
  } finally {
    await context.close();
  }
}

const LARGEST_PAINT = `new Promise((resolve) =>
  new PerformanceObserver((list) => resolve(list.getEntries().at(-1).startTime)).observe({
    type: "largest-contentful-paint",
    buffered: true,
  }))`;

async function measureLanding(page: Page): Promise<number> {
  await page.goto("/", { waitUntil: "networkidle" });
  return Number(await page.evaluate(LARGEST_PAINT));
}

async function measureSignInForm(page: Page): Promise<number> {
  await page.goto("/", { waitUntil: "networkidle" });
  const link = page.getByRole("main").getByRole("link", { name: "Sign in" });
  await link.waitFor();
  const clickedAt = performance.now();
  await link.click();
  await page.getByLabel("Email address").waitFor();
  return performance.now() - clickedAt;
}

async function measureDeferredAction(page: Page): Promise<number> {
  await page.goto("/countries/portugal");
  await page.getByRole("button", { name: "Add Portugal to your wishlist" }).click();
  await page.getByRole("dialog").getByRole("link", { name: "Sign in" }).click();
  await page.getByLabel("Email address").fill(EMAIL);
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  let activeAt = 0;
  page.on("response", async (response) => {
    if (!/\/v1\/client\/(sign_ins|sessions)\//.test(response.url()) || !response.ok()) return;
    const hasToken = (await response.text().catch(() => "")).includes('"object":"token"');
    if (hasToken && activeAt === 0) activeAt = performance.now();
  });
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  const notice = page.getByRole("status").filter({ hasText: "Portugal is on your wishlist." });
  await notice.waitFor();
  const shownAt = performance.now();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("button", { name: "Add Portugal to your wishlist" }).waitFor();
  if (activeAt === 0) throw new Error("No response with a token was seen.");
  return shownAt - activeAt;
}

async function measure(
  name: string,
  limit: number,
  round: () => Promise<number>,
): Promise<boolean> {
  await round();
  const times: number[] = [];
  while (times.length < ROUNDS) times.push(await round());
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
  const cells = [at(0.5).toFixed(0), at(0.95).toFixed(0), String(limit)];
  const load = loadavg()[0]?.toFixed(1) ?? "";
  say(`${name.padEnd(44)}${[...cells, load].map((cell) => cell.padStart(8)).join("")}`);
  return at(0.95) <= limit;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
  const stops: (() => Promise<unknown>)[] = [];
  try {
    const postgres = await startPostgres({ dataDir: join(folder, "postgres") });
    stops.push(() => postgres.stop());
    const databaseUrl = await createDatabase(postgres.url, "bench");
    await migrate(databaseUrl);
    const port = await findFreePort(3400);
    const appUrl = `http://localhost:${port}`;
    const clerk = await startLocalClerk({ port: 0, dataDir: join(folder, "clerk"), appUrl });
    stops.push(() => clerk.close());
    const environment = { ...clerk.env, DATABASE_URL: databaseUrl, APP_URL: appUrl };
    const app = await startNext(environment, port);
    stops.push(() => app.stop());
    const { secretKey } = clerk.keys;
    const backend = createClerkClient({ secretKey, apiUrl: `${clerk.url}/bapi` });
    await backend.users.createUser({ emailAddress: [EMAIL], password: PASSWORD });
    const browser = await chromium.launch(await findChromium());
    stops.push(() => browser.close());
    const rounds = (work: (page: Page) => Promise<number>) => () =>
      inNewContext(browser, appUrl, work);
    say(
      `${"".padEnd(44)}${["p50 ms", "p95 ms", "limit", "load"].map((cell) => cell.padStart(8)).join("")}`,
    );
    const results = [
      await measure("landing page, largest contentful paint", 600, rounds(measureLanding)),
      await measure("sign-in form after the click", 2_000, rounds(measureSignInForm)),
      await measure("deferred action after the sign-in", 500, rounds(measureDeferredAction)),
    ];
    if (results.includes(false)) process.exitCode = 1;
  } finally {
    for (const stop of stops.reverse()) await stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

await runMain(main);
