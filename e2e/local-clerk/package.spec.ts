// The local Clerk as an npm package: packed, installed into another app, and started there with one command.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, type Page, test } from "@playwright/test";
import type { controlClient } from "../../dev/local-clerk/control/client";
import { findFreePort } from "../../dev/ports";
import { createSampleApp, packLocalClerk, type SampleApp, type Tarball } from "../sample-app";

const MEGABYTE = 1024 * 1024;
const EMAIL = "noor.haddad@example.com";

let tarball: Tarball;
let app: SampleApp;
test.describe.configure({ mode: "default" });
test.beforeAll(async () => {
  tarball = await packLocalClerk();
  app = await createSampleApp("sample-app", tarball);
});
test.afterAll(() => {
  app?.remove();
  tarball?.remove();
});

/** Returns the environment of a shell in the app's folder. Only PATH and HOME come from this process. */
function inFolderOf({ folder }: SampleApp) {
  const { PATH = "", HOME = "" } = process.env;
  const bin = join(folder, "node_modules/.bin");
  const env = { PATH: `${bin}:${PATH}`, HOME, NODE_ENV: "development" as const };
  return { cwd: folder, env: { ...env, NEXT_TELEMETRY_DISABLED: "1" } };
}

async function controlOf({ folder }: SampleApp, clerkUrl: string) {
  const built = join(folder, "node_modules/@rollcall/local-clerk/dist/control.js");
  const control: { controlClient: typeof controlClient } = await import(pathToFileURL(built).href);
  return control.controlClient(clerkUrl);
}

/** Blocks the page's requests to other machines, and returns the list of their URLs. */
async function blockOutside(page: Page): Promise<string[]> {
  const outside: string[] = [];
  await page.route(
    (url) => url.hostname !== "localhost" && url.protocol.startsWith("http"),
    (route) => {
      outside.push(route.request().url());
      return route.abort();
    },
  );
  return outside;
}

const untilItAnswers = (url: string) =>
  expect
    .poll(
      () =>
        fetch(url)
          .then(({ status }) => status)
          .catch(() => 0),
      { timeout: 60_000 },
    )
    .toBe(200);

/** Signs up with Clerk's component on the page, with the code in the local Clerk's outbox. */
async function signUp(page: Page, clerk: ReturnType<typeof controlClient>): Promise<void> {
  await page.getByLabel("Email address").fill(EMAIL);
  await page.getByRole("textbox", { name: "Password" }).fill("a-quiet-Harbour-41");
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  let code = "";
  await expect
    .poll(async () => {
      code = (await clerk.outbox.latest(EMAIL))?.code ?? "";
      return code;
    })
    .not.toBe("");
  // Filled, not typed: keys that arrive before Clerk's form focuses the field would be lost.
  await page.getByRole("textbox", { name: /verification code/i }).fill(code);
}

/**
 * Expects that the app's route has received the person's `user.created` webhook, and that the route refuses an unsigned request.
 */
async function expectWebhooks(url: string): Promise<void> {
  const received = async () => JSON.stringify(await (await fetch(url)).json());
  await expect.poll(received).toContain(EMAIL);
  expect(await received()).toContain('"type":"user.created"');
  const forged = { method: "POST", body: '{"type":"user.created","data":{}}' };
  expect((await fetch(url, forged)).status).toBe(400);
}

/** Resolves to the URL that the command prints. Keeps reading its output afterwards, because Next would hang on a closed pipe. */
function urlOfClerk(child: ChildProcess): Promise<string> {
  let output = "";
  return new Promise((resolve, reject) => {
    child.stderr?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      const [, url] = /Local Clerk: (http:\/\/127\.0\.0\.1:\d+)\//.exec(output) ?? [];
      if (url) resolve(url);
    });
    child.once("exit", () => reject(new Error(`local-clerk exec printed no URL: ${output}`)));
  });
}

test("the npm package is smaller than 2 MB, needs less than 8 MB when installed, and has no dependencies", () => {
  expect(app.tarballBytes).toBeLessThan(2 * MEGABYTE);
  expect(app.installedBytes).toBeLessThan(8 * MEGABYTE);
});

test("the package's type declarations compile without the packages that its sources import", async () => {
  const source = `
    import { type LocalClerk, startLocalClerk } from "@rollcall/local-clerk";
    import { controlClient } from "@rollcall/local-clerk/control";
    export async function use(): Promise<string | undefined> {
      const clerk: LocalClerk = await startLocalClerk({ port: 0, appUrl: "http://localhost:9" });
      await controlClient(clerk.url).faults.set({ api: "bapi", outcome: "500" });
      // @ts-expect-error There is no such setting.
      await controlClient(clerk.url).settings.set({ hasWeather: true });
      return (await controlClient(clerk.url).outbox.latest("ada@example.com"))?.code ?? undefined;
    }`;
  writeFileSync(join(app.folder, "types.ts"), source);
  const compilerOptions = {
    noEmit: true,
    strict: true,
    module: "esnext",
    moduleResolution: "bundler",
    target: "es2023",
    types: [],
  };
  const project = join(app.folder, "tsconfig.types.json");
  writeFileSync(project, JSON.stringify({ compilerOptions, files: ["types.ts"] }));
  const compiler = join(process.cwd(), "node_modules/typescript/bin/tsc");
  const compile = promisify(execFile)(process.execPath, [compiler, "-p", project], inFolderOf(app));
  await compile.catch(({ stdout }) => expect(stdout).toBe(""));
});

test("one command starts an app with a local development instance: a person signs up, and the app's webhook route is called", async ({
  page,
}) => {
  const outside = await blockOutside(page);
  const port = await findFreePort(3200);
  const appUrl = `http://localhost:${port}`;
  const command = `exec --development --app-url ${appUrl} --webhook-path /api/webhooks -- next dev -p ${port}`;
  const child = spawn("local-clerk", command.split(" "), {
    ...inFolderOf(app),
    stdio: ["ignore", "ignore", "pipe"],
  });
  const exited = once(child, "exit");
  try {
    const clerk = await controlOf(app, await urlOfClerk(child));
    await untilItAnswers(appUrl);
    await page.goto(`${appUrl}/sign-up`);
    await signUp(page, clerk);
    await expect(page.getByText(`Signed in as ${EMAIL}`)).toBeVisible();
    await page.reload();
    await expect(page.getByText(`Signed in as ${EMAIL}`)).toBeVisible();
    const names = (await page.context().cookies()).map(({ name }) => name);
    expect(names).toContain("__clerk_db_jwt");
    expect(outside).toEqual([]);
    await expectWebhooks(`${appUrl}/api/webhooks`);
  } finally {
    child.kill("SIGTERM");
    await exited;
  }
  await expect(fetch(appUrl)).rejects.toThrow("fetch failed");
});

for (const [instance, option] of [
  ["production", ""],
  ["development", "--development "],
]) {
  test(`in an app of React, Vite and Express without a proxy, with a ${instance} instance, a person signs up, the server accepts the token, and its webhook route is called`, async ({
    page,
  }) => {
    const vite = await createSampleApp("vite-app", tarball);
    const outside = await blockOutside(page);
    const port = await findFreePort(3300);
    const apiPort = await findFreePort(port + 1);
    const appUrl = `http://localhost:${port}`;
    const command = `exec ${option}--direct --app-url ${appUrl} --webhook-path /api/webhooks -- node dev.js`;
    const { cwd, env } = inFolderOf(vite);
    const child = spawn("local-clerk", command.split(" "), {
      cwd,
      env: { ...env, PORT: String(port), API_PORT: String(apiPort) },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const exited = once(child, "exit");
    try {
      const clerkUrl = await urlOfClerk(child);
      await untilItAnswers(appUrl);
      await page.goto(appUrl);
      await signUp(page, await controlOf(vite, clerkUrl));
      await expect(page.getByText(/Signed in as user_/)).toBeVisible();
      await page.reload();
      await expect(page.getByText(/Signed in as user_/)).toBeVisible();
      expect(outside).toEqual([]);
      await expectWebhooks(`${appUrl}/api/webhooks`);
    } finally {
      child.kill("SIGTERM");
      await exited;
      vite.remove();
    }
  });
}
