import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const module = fileURLToPath(new URL("./on-npm-exit.mjs", import.meta.url));
const script = `
  import { onNpmExit } from ${JSON.stringify(module)};
  onNpmExit(() => { console.log("npm has exited"); process.exit(); });
  setInterval(() => {}, 1_000);
  console.log("shell", process.ppid);
`;
/**
 * A program that acts as npm: it runs the script through a shell, which waits for the script. Like npm, the program keeps running
 * meanwhile.
 */
const npm = `
  const { spawn } = require("node:child_process");
  const command = '"$NODE" --input-type=module -e "$SCRIPT"; true';
  spawn("sh", ["-c", command], { stdio: "inherit" });
  setInterval(() => {}, 1_000);
`;

test.runIf(process.platform === "linux").each([
  ["npm is killed", (npmPid: number, _shell: number) => process.kill(npmPid, "SIGKILL")],
  ["its shell is terminated", (_npm: number, shell: number) => process.kill(shell, "SIGTERM")],
])("a script of npm is called back when %s", async (_, end) => {
  const child = spawn(process.execPath, ["-e", npm], {
    env: { ...process.env, NODE: process.execPath, SCRIPT: script, npm_lifecycle_event: "dev" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout });
  const [first] = await once(lines, "line");
  const next = once(lines, "line");
  end(child.pid ?? 0, Number(String(first).replace("shell ", "")));
  expect(await next).toEqual(["npm has exited"]);
  child.kill("SIGKILL");
});
