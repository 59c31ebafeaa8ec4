/** The production image's folder, run as the image runs it. No browser: what pages do is tested on the same build elsewhere. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createClient } from "graphql-ws";
import pg from "pg";
import { WebSocket } from "ws";
import { findFreePort } from "../dev/ports";
import { createDatabase } from "../dev/postgres/server";
import { clerkId, event, userJson } from "../dev/testing/clerk-payloads";
import { makeKeys, testEnvironment } from "../dev/testing/environment";
import {
  copyImage,
  filesOf,
  type Image,
  type Role,
  runCommandOf,
  startRole,
} from "../dev/testing/image";
import { signToken, svixHeaders } from "../dev/testing/sign";
import { expect, databaseUrl as serverUrl, test } from "./fixtures";

test.describe.configure({ mode: "serial" });

/**
 * How long each role may take until it is ready. Checked by its CPU time, because the browser tests of another worker use the same
 * two cores, and loosely by the clock.
 * The limits are 1.5 times the targets (3 s for `web`, 2 s for the others): the same start takes up to twice the CPU time when other
 * machines share the processor.
 */
const READY_MS = { web: 4_500, worker: 3_000, ingest: 3_000, ws: 3_000 };
type RoleName = keyof typeof READY_MS;

const keys = makeKeys();
const documented = new Set(
  [...readFileSync("docs/production.md", "utf8").matchAll(/^\| `([A-Z_]+)` \|/gm)].map(
    ([, name]) => name,
  ),
);

let image: Image;
let files: string[];
let variables: Record<string, string>;
let database: pg.Client;
const roles = new Map<RoleName, Role>();

function role(name: RoleName): Role {
  const started = roles.get(name);
  if (!started) throw new Error(`${name} is not started`);
  return started;
}

async function start(name: RoleName): Promise<Role> {
  const port = await findFreePort();
  const started = await startRole(image, name, port, {
    ...variables,
    PORT: String(port),
    WS_PORT: String(port),
    WORKER_PORT: String(port),
  });
  roles.set(name, started);
  return started;
}

async function sendUser(url: string, id = clerkId("user")): Promise<number> {
  const body = JSON.stringify(event("user.created", userJson({ id })));
  const headers = svixHeaders(body, variables.CLERK_WEBHOOK_SIGNING_SECRET ?? "");
  const target = `${url}/api/webhooks/clerk`;
  const { status } = await fetch(target, { method: "POST", body, headers });
  return status;
}

test.beforeAll(async () => {
  image = copyImage();
  files = filesOf(image);
  const url = await createDatabase(serverUrl, `image_${randomUUID()}`);
  variables = { ...testEnvironment(keys, url), ROLLCALL_WORKER: "off", SHUTDOWN_DELAY: "1" };
  for (const name of Object.keys(variables)) expect(documented, name).toContain(name);
  database = new pg.Client({ connectionString: url });
  await database.connect();
});

test.afterAll(async () => {
  for (const started of roles.values()) started.kill("SIGKILL");
  await database.end();
  image.remove();
});

test("the image has no env file and no file of the tests, and its program refuses an unknown role in one line", async () => {
  expect(files.filter((name) => /(^|\/)\.env/.test(name))).toEqual([]);
  expect(files.filter((name) => /^(dev|e2e|docs|app|components|\.git)(\/|$)/.test(name))).toEqual(
    [],
  );
  const { code, output } = await runCommandOf(image, ["wbe"], {});
  expect(code).toBe(1);
  expect(output).toMatch(/^Usage: node rollcall\.mjs web\|worker\|.*\n$/);
});

test("the image's migrate needs only the database's URL, and changes nothing when run again", async () => {
  const onlyUrl = { DATABASE_URL: variables.DATABASE_URL ?? "" };
  const first = await runCommandOf(image, ["migrate"], onlyUrl);
  expect(first).toMatchObject({ code: 0, output: expect.stringMatching(/^Done\.$/m) });
  const again = await runCommandOf(image, ["migrate"], onlyUrl);
  expect(again).toEqual({ code: 0, output: "The database is up to date.\n" });
});

test("each role of the image starts read-only as another user, is ready in time, and its health check succeeds", async () => {
  for (const [name, limit] of Object.entries(READY_MS) as [RoleName, number][]) {
    const started = await start(name);
    const [clock, cpu] = [started.readyAfterMs, started.readyAfterCpuMs].map(Math.round);
    process.stdout.write(`${name} is ready after ${clock} ms, ${cpu} ms of CPU\n`);
    expect(started.readyAfterCpuMs, name).toBeLessThan(limit);
    expect(started.readyAfterMs, name).toBeLessThan(5 * limit);
    const { port } = new URL(started.url);
    const ports = { PORT: port, WS_PORT: port, WORKER_PORT: port };
    expect(await runCommandOf(image, ["probe"], ports), name).toEqual({ code: 0, output: "" });
  }
  const unused = { PORT: "1", WS_PORT: "1", WORKER_PORT: "1" };
  expect(await runCommandOf(image, ["probe"], unused)).toEqual({ code: 1, output: "" });
});

test("the image serves a page with its scripts, GraphQL to a signed-in user, and webhooks through web and ingest", async () => {
  const { url } = role("web");
  const page = await fetch(url);
  expect(page.status).toBe(200);
  const script = /<script[^>]+src="([^"]+)"/.exec(await page.text())?.[1] ?? "";
  const served = await fetch(new URL(script, url));
  expect([served.status, served.headers.get("content-type")]).toEqual([
    200,
    expect.stringContaining("javascript"),
  ]);

  const ids = [clerkId("user"), clerkId("user")];
  expect(await sendUser(url, ids[0])).toBe(200);
  expect(await sendUser(role("ingest").url, ids[1])).toBe(200);
  const { rows } = await database.query("SELECT id FROM users ORDER BY id");
  expect(rows).toEqual(ids.toSorted().map((id) => ({ id })));

  const answer = await fetch(`${url}/api/graphql`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${signToken(keys.privateKey, { sub: ids[0] })}`,
    },
    body: JSON.stringify({ query: "{ countries { slug } }" }),
  });
  expect(await answer.json()).toMatchObject({ data: { countries: expect.any(Array) } });
});

/** Opens a live stream at the role `ws`, and waits for its first result. */
async function openStream(url: string): Promise<void> {
  const id = clerkId("user");
  expect(await sendUser(role("web").url, id)).toBe(200);
  const live = createClient({
    url: `${url.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { token: signToken(keys.privateKey, { sub: id }), resumed: true },
  });
  const results = live.iterate({ query: "subscription { viewerChanged { refetch } }" });
  expect((await results.next()).done).toBe(false);
}

test("on SIGTERM each role is not ready, answers requests until the delay is over, and exits with 0", async () => {
  await openStream(role("ws").url);
  const drain = async (name: RoleName, { url, kill, ended }: Role) => {
    kill("SIGTERM");
    const statusOf = () => fetch(`${url}/api/ready`).then((answer) => answer.status);
    if (name !== "worker") await expect.poll(statusOf, { intervals: [10] }).toBe(503);
    if (name === "web" || name === "ingest") expect(await sendUser(url)).toBe(200);
    expect(await ended, name).toBe(0);
  };
  await Promise.all([...roles].map(([name, started]) => drain(name, started)));
});

test("no role of the image tried to write to its folder", () => {
  expect(filesOf(image)).toEqual(files);
  for (const [name, { output }] of roles) expect(output(), name).not.toMatch(/EACCES|EROFS|EPERM/);
});
