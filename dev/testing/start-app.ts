/** Starts the app's routes in a process of their own (app-process.ts), with this process's environment. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const address = z.object({ port: z.number() });

export type App = { url: string; startWorker(): void; stop(): Promise<void> };

export async function startApp(): Promise<App> {
  const child = fork(fileURLToPath(new URL("./app-process.ts", import.meta.url)), {
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const [message] = await once(child, "message");
  return {
    url: `http://127.0.0.1:${address.parse(message).port}`,
    startWorker: () => void child.send("work"),
    stop: async () => {
      const ended = once(child, "exit");
      if (child.kill("SIGKILL")) await ended;
    },
  };
}
