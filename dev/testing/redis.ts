/** Starts Debian's Redis (or Valkey) on a free port of loopback, without persistence. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort, isPortFree } from "../ports";

export type RedisServer = { url: string; stop(): Promise<void>; start(): Promise<void> };

const BINARIES = ["/usr/bin/valkey-server", "/usr/bin/redis-server"];

function isInstalled(binary: string): boolean {
  try {
    execFileSync(binary, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const installed = BINARIES.find(isInstalled);

/** Why tests that need Redis are skipped; null if it is installed. */
export const noRedis = installed
  ? null
  : "no redis-server or valkey-server: apt-get install --no-install-recommends redis-server";

export async function startRedis(): Promise<RedisServer> {
  const port = await findFreePort();
  let child: ChildProcess | undefined;
  const server: RedisServer = {
    url: `redis://127.0.0.1:${port}`,
    start: async () => {
      const settings = ["--port", String(port), "--bind", "127.0.0.1", "--save", ""];
      child = spawn(installed ?? "", [...settings, "--appendonly", "no"], { stdio: "ignore" });
      const deadline = Date.now() + 10_000;
      while (await isPortFree(port)) {
        if (child.exitCode !== null) throw new Error(`Redis ended with ${child.exitCode}`);
        if (Date.now() > deadline) throw new Error("Redis did not listen within 10 s");
        await sleep(20);
      }
    },
    stop: async () => {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
  await server.start();
  return server;
}
