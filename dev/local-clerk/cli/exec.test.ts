import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { startLocalClerk } from "../start";
import { waitUntil } from "../testing/wait-until";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));

function localClerk(...args: string[]) {
  const child = spawn(process.execPath, ["--import", "tsx", main, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output += chunk;
  });
  const exit = once(child, "close").then(([code]) => ({ code, output }));
  return { child, exit, output: () => output };
}

const script = (text: string) => ["exec", "--", process.execPath, "-e", text];

test("exec runs the command while a local Clerk is running, and exits with the command's exit code", async () => {
  const ask = `fetch(process.env.CLERK_API_URL + "/v1/users", {
    headers: { authorization: "Bearer " + process.env.CLERK_SECRET_KEY },
  }).then((response) => response.json()).then((users) => {
    console.log("users: " + users.length + ", " + process.env.LOCAL_CLERK_URL);
    process.exitCode = 7;
  });`;
  const { code, output } = await localClerk(...script(ask)).exit;
  expect(output).toContain("users: 7, http://127.0.0.1:");
  expect(code).toBe(7);
  const [url = ""] = /http:\/\/127\.0\.0\.1:\d+/.exec(output) ?? [];
  await expect(fetch(url)).rejects.toThrow("fetch failed");
});

test("exec forwards SIGTERM to the command, waits for its end, and exits with its exit code", async () => {
  const wait = `process.on("SIGTERM", () => { console.log("stopped"); process.exit(3); });
    console.log("running"); setInterval(() => {}, 1000);`;
  const running = localClerk(...script(wait));
  await waitUntil(() => running.output().includes("running"));
  running.child.kill("SIGTERM");
  const { code, output } = await running.exit;
  expect(output).toContain("stopped");
  expect(code).toBe(3);
});

test("exec of a command that does not exist prints one line and exits with code 1", async () => {
  const { code, output } = await localClerk("exec", "--", "no-such-command").exit;
  expect(output).toContain("Cannot run no-such-command: ");
  expect(code).toBe(1);
});

test("generate adds users to the local Clerk that runs on the given URL", async () => {
  const clerk = await startLocalClerk();
  const given = ["generate", "--users", "20", "--organizations", "2"];
  const { code, output } = await localClerk(...given, "--url", clerk.url).exit;
  expect(output).toContain("The local Clerk now has 27 users, 4 organizations and ");
  expect(code).toBe(0);
  await clerk.close();
  const refused = await localClerk(...given, "--url", clerk.url).exit;
  expect(refused.output.trim()).toBe(
    `No local Clerk is running (looked at ${clerk.url}). Start it first, or name another one with --url.`,
  );
  expect(refused.code).toBe(1);
});
