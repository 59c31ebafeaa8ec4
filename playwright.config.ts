import { defineConfig } from "@playwright/test";
import { findChromium } from "./e2e/chromium";

const { executablePath, args } = await findChromium();

/** The global setup, `e2e/stack.ts`, starts the production build, the local Clerk and the embedded Postgres. */
export default defineConfig({
  testDir: "e2e",
  globalSetup: "./e2e/stack.ts",
  fullyParallel: true,
  workers: 2,
  timeout: 120_000,
  expect: { timeout: 30_000 },
  forbidOnly: Boolean(process.env.CI),
  // A shared machine may stall for seconds, so CI retries a failed test once. A test that passes only on the retry is reported as
  // flaky.
  retries: process.env.CI ? 1 : 0,
  reporter: [["list"], ["json", { outputFile: "test-results/playwright.json" }]],
  outputDir: "test-results/browser",
  use: {
    // Without this limit, a click on an element that never appears would wait until the whole test times out, after two minutes.
    actionTimeout: 30_000,
    launchOptions: { executablePath, args },
    // Recording a trace costs a fifth of the time, so only the retry of a failed test is recorded.
    trace: "on-first-retry",
    viewport: { width: 1280, height: 800 },
    // A click waits until its target stops moving, so animations would only cost time.
    contextOptions: { reducedMotion: "reduce" },
  },
});
