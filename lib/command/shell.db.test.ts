/** Commands as a shell runs them: signals, a closed pipe, a full disk, and variables that are for other programs. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { request } from "node:http";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { findFreePort } from "@/dev/ports";

function start(name: string, args: string[], options: SpawnOptions = {}): ChildProcess {
  const command = ["--import", "tsx", `lib/command/${name}.ts`, ...args];
  return spawn(process.execPath, command, { stdio: ["ignore", "pipe", "pipe"], ...options });
}

/** Waits until the command has printed this. */
async function printed({ stdout }: ChildProcess, what: RegExp): Promise<void> {
  let output = "";
  for await (const chunk of stdout ?? []) {
    output += chunk;
    if (what.test(output)) return;
  }
  throw new Error(`the command ended after “${output}”`);
}

const textOf = async (stream: Readable | null) => (stream ? text(stream) : "");
const codeOf = async (child: ChildProcess) => (await once(child, "exit"))[0];

test.each([
  ["worker", /The worker is running/],
  ["ws", /Subscriptions on/],
])("npm run %s ends with exit code 0 when its terminal is closed", async (name, ready) => {
  const child = start(name, [], {
    env: { ...process.env, WS_PORT: String(await findFreePort()) },
  });
  await printed(child, ready);
  const ended = codeOf(child);
  child.kill("SIGHUP");
  expect(await ended).toBe(0);
});

test.each([["SIGHUP"], ["SIGINT", "SIGINT"], ["SIGTERM"]] as NodeJS.Signals[][])(
  "npm run ingest answers the open request before it ends on %s",
  async (...signals) => {
    const port = await findFreePort();
    const child = start("ingest", [], { env: { ...process.env, PORT: String(port) } });
    await printed(child, /Receiving webhooks/);
    const ended = codeOf(child);
    const headers = { "content-length": "4", connection: "close" };
    const sent = request({ port, path: "/api/webhooks/clerk", method: "POST", headers });
    const answered = once(sent, "response");
    sent.write("ab");
    await once(sent, "socket");
    await expect
      .poll(() => fetch(`http://localhost:${port}/api/health`).then((r) => r.status))
      .toBe(200);
    for (const signal of signals) {
      child.kill(signal);
      // As npm repeats a terminal's Ctrl-C.
      await sleep(20);
    }
    sent.end("cd");
    expect((await answered)[0].statusCode).toBe(400);
    expect(await ended).toBe(0);
  },
);

test("a command whose output is no longer read, as with head, ends without an error", async () => {
  const child = start("effects", ["list"]);
  child.stdout?.destroy();
  const [code, errors] = await Promise.all([codeOf(child), textOf(child.stderr)]);
  expect([code, errors]).toEqual([0, ""]);
});

test.runIf(existsSync("/dev/full"))(
  "a command whose output cannot be written, as on a full disk, says so in one line and fails",
  async () => {
    const full = openSync("/dev/full", "w");
    const child = start("effects", ["list"], { stdio: ["ignore", full, "pipe"] });
    const [code, errors] = await Promise.all([codeOf(child), textOf(child.stderr)]);
    closeSync(full);
    expect([code, errors]).toEqual([
      1,
      expect.stringMatching(/^The output cannot be written: .+\.\n$/),
    ]);
  },
);

test("a command prints the same whatever time zone, locale, home, folder for temporary files and PGSSLMODE its shell has", async () => {
  const run = async (env: NodeJS.ProcessEnv) => {
    const child = start("effects", ["list"], { env });
    const [code, output, errors] = await Promise.all([
      codeOf(child),
      textOf(child.stdout),
      textOf(child.stderr),
    ]);
    return { code, output, errors };
  };
  const plain = await run(process.env);
  const odd = await run({
    ...process.env,
    TZ: "Nonsense/Zone",
    LC_ALL: "tr_TR.UTF-8",
    HOME: "/nonexistent",
    TMPDIR: "/nonexistent/tmp",
    PGSSLMODE: "prefer",
    PGHOST: "elsewhere.invalid",
    HTTP_PROXY: "http://127.0.0.1:9",
  });
  expect(plain).toMatchObject({ code: 0, errors: "" });
  expect(odd).toEqual(plain);
});
