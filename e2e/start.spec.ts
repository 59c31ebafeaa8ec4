/** Tests `npm start` as a container runs it, and webhook URLs with a trailing slash. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { findFreePort } from "../dev/ports";
import { makeKeys, testEnvironment } from "../dev/testing/environment";
import { expect, test } from "./fixtures";

async function startByNpm(): Promise<{ npm: ChildProcess; url: string }> {
  const port = await findFreePort();
  const env = testEnvironment(makeKeys(), "postgresql://somebody:secret@127.0.0.1:1/none");
  const npm = spawn("npm", ["start", "--", "-p", String(port), "-H", "localhost"], {
    stdio: "ignore",
    env: { ...env, PATH: process.env.PATH ?? "", NODE_ENV: "production" },
  });
  return { npm, url: `http://localhost:${port}` };
}

const statusOf = (url: string) =>
  fetch(url, { redirect: "manual" }).then(
    ({ status }) => status,
    () => null,
  );

/** Posts with the absolute URL in the request line, as some proxies do. Resolves to the status. */
function statusOfAbsoluteForm(address: string): Promise<number | undefined> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method: "POST", path: address }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on("error", reject).end();
  });
}

test("SIGTERM to npm start ends the server, and connections to the port are refused", async () => {
  const { npm, url } = await startByNpm();
  await expect.poll(() => statusOf(`${url}/api/health`)).toBe(200);
  const ended = once(npm, "exit");
  npm.kill("SIGTERM");
  await ended;
  await expect.poll(() => statusOf(`${url}/api/health`)).toBeNull();
});

test("a webhook URL with an extra slash is served, not redirected", async () => {
  const { npm, url } = await startByNpm();
  await expect.poll(() => statusOf(`${url}/api/health`)).toBe(200);
  const paths = [
    "/api/webhooks/clerk/",
    "//api/webhooks/clerk",
    "/api//webhooks/clerk",
    "/api/webhooks//clerk//",
  ];
  for (const path of paths) {
    const answer = await fetch(`${url}${path}`, { method: "POST", redirect: "manual" });
    expect(answer.status, path).toBe(400);
    expect(await answer.json()).toMatchObject({ error: expect.stringContaining("svix-id") });
  }
  expect(await statusOfAbsoluteForm(`${url}/api/webhooks/clerk`)).toBe(400);
  const { status, headers } = await fetch(`${url}/api/webhooks/clerk`);
  expect([status, headers.get("allow")]).toEqual([405, "POST"]);
  npm.kill("SIGTERM");
  await once(npm, "exit");
});
