/** Tests `npm start` as a container runs it, and every spelling of the API's addresses. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type OutgoingHttpHeaders, request } from "node:http";
import { findFreePort } from "../dev/ports";
import { makeKeys, testEnvironment } from "../dev/testing/environment";
import { svixHeaders } from "../dev/testing/sign";
import { expect, test } from "./fixtures";

const env = testEnvironment(makeKeys(), "postgresql://somebody:secret@127.0.0.1:1/none");

async function startByNpm(
  output: "ignore" | "pipe" = "ignore",
): Promise<{ npm: ChildProcess; url: string }> {
  const port = await findFreePort();
  const npm = spawn("npm", ["start", "--", "-p", String(port), "-H", "localhost"], {
    stdio: ["ignore", output, output],
    env: { ...env, PATH: process.env.PATH ?? "", NODE_ENV: "production" },
  });
  return { npm, url: `http://localhost:${port}` };
}

const statusOf = (url: string) =>
  fetch(url, { redirect: "manual" }).then(
    ({ status }) => status,
    () => null,
  );

type Answer = { status: number | undefined; location: string | undefined };

/** Sends a request with exactly this path, which `fetch` would normalize. */
function send(
  url: string,
  { method, path, headers = {} }: { method: string; path: string; headers?: OutgoingHttpHeaders },
): Promise<Answer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers }, (response) => {
      response.resume();
      resolve({ status: response.statusCode, location: response.headers.location });
    });
    sent.on("error", reject).end();
  });
}

/** The routes that programs call, with their methods. */
const machineRoutes = {
  "webhooks/clerk": "POST",
  graphql: "POST",
  "graphql/stream": "POST",
  health: "GET",
  ready: "GET",
  metrics: "GET",
  cron: "GET",
  "account/archive": "GET",
  "console/export": "GET",
  actions: "POST",
};

test("SIGTERM to npm start ends the server, and connections to the port are refused", async () => {
  const { npm, url } = await startByNpm();
  await expect.poll(() => statusOf(`${url}/api/health`)).toBe(200);
  const ended = once(npm, "exit");
  npm.kill("SIGTERM");
  await ended;
  await expect.poll(() => statusOf(`${url}/api/health`)).toBeNull();
});

test("npm start serves and ends when the reader of its log has gone", async () => {
  const { npm, url } = await startByNpm("pipe");
  await expect.poll(() => statusOf(`${url}/api/health`)).toBe(200);
  npm.stdout?.destroy();
  npm.stderr?.destroy();
  const body = JSON.stringify({ type: "user.deleted", data: { id: "user_1", deleted: true } });
  const headers = svixHeaders(body, env.CLERK_WEBHOOK_SIGNING_SECRET);
  for (let round = 0; round < 3; round += 1) {
    // The database is unreachable, and each refused webhook is logged.
    const answer = await fetch(`${url}/api/webhooks/clerk`, { method: "POST", headers, body });
    expect(answer.status).toBe(503);
    expect(await statusOf(`${url}/api/health`)).toBe(200);
  }
  const ended = once(npm, "exit");
  npm.kill("SIGTERM");
  await ended;
  await expect.poll(() => statusOf(`${url}/api/health`)).toBeNull();
});

test("no spelling of an API address is answered with a redirect", async () => {
  const { npm, url } = await startByNpm();
  await expect.poll(() => statusOf(`${url}/api/health`)).toBe(200);
  for (const [route, method] of Object.entries(machineRoutes)) {
    const plain = await send(url, { method, path: `/api/${route}` });
    expect(plain, route).toMatchObject({ location: undefined });
    const served = [
      `/api/${route}/`,
      `//api/${route}`,
      `/api//${route.replaceAll("/", "//")}//`,
      `/API/${route}`,
      `/api\\${route.replaceAll("/", "\\")}`,
      `/api/./${route}`,
      `${url}/api/${route}/`,
    ];
    for (const path of served) expect(await send(url, { method, path }), path).toEqual(plain);
    const headers = { rsc: "1", "next-router-prefetch": "1" };
    expect(await send(url, { method, path: `/api/${route}`, headers }), route).toEqual(plain);
    const refused = [`/api%2F${route}`, `/api/${route}%2F`, `/api/%${route}`, `/API/${route}x`];
    for (const path of refused) {
      expect(await send(url, { method, path }), path).toEqual({ status: 404, location: undefined });
    }
    expect(await send(url, { method: "TRACE", path: `/api/${route}` }), route).toMatchObject({
      status: 405,
    });
  }
  const answer = await fetch(`${url}/api/webhooks/clerk/`, { method: "POST", redirect: "manual" });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ error: expect.stringContaining("svix-id") });
  npm.kill("SIGTERM");
  await once(npm, "exit");
});
