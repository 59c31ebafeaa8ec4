/** `npm start` before Next is loaded: the port that it takes, and the port that it refuses in one line. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";

const launcher = resolve("lib/command/next.mjs");
const NOT_A_PORT = "PORT is not a port number: give one from 1 to 65535, like PORT=3001.\n";

/** A folder without a build, in which Next itself ends at once. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-start-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function start(env: Record<string, string>, ...args: string[]) {
  const child = spawn(process.execPath, [launcher, "start", ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? "", NODE_ENV: "test", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [output, errors] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    child.exitCode === null && once(child, "exit"),
  ]);
  return { code: child.exitCode, output: output + errors };
}

test.each(["abc", "0", "-1", "99999", "3e3", "3000.5", "30 00", "http://localhost:3000"])(
  "npm start refuses PORT=%s in one line",
  async (port) => {
    expect(await start({ PORT: port })).toEqual({ code: 1, output: NOT_A_PORT });
  },
);

test("npm start takes PORT from an env file, and a PORT of the shell has precedence", async () => {
  const file = join(folder, ".env.local");
  writeFileSync(file, "PORT=nonsense\n");
  try {
    expect(await start({})).toEqual({ code: 1, output: NOT_A_PORT });
    expect((await start({ PORT: "1" })).output).not.toContain("PORT is not");
  } finally {
    rmSync(file);
  }
});

test("npm start refuses a port in use in one line, whether PORT or -p names it", async () => {
  const squatter = createServer().listen(0);
  await once(squatter, "listening");
  const address = squatter.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const port = String(address.port);
  const refusal = `Port ${port} is taken by another program: choose another with PORT, like PORT=3001.\n`;
  try {
    expect(await start({ PORT: port })).toEqual({ code: 1, output: refusal });
    expect(await start({ PORT: `"${port}"` })).toEqual({ code: 1, output: refusal });
    expect(await start({}, "-p", port)).toEqual({ code: 1, output: refusal });
  } finally {
    squatter.close();
  }
});

test("npm start with an empty PORT, whatever NODE_ENV is, starts Next in production mode", async () => {
  const { output } = await start({ PORT: "", NODE_ENV: "staging" }, "-p", "0");
  expect(output).toContain("Could not find a production build");
  expect(output).not.toMatch(/non-standard|non-negative/);
});
