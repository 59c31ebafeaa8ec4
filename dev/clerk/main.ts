// The local Clerk from a shell:
//   node --import tsx dev/clerk/main.ts --port 4010 --data .rollcall/clerk-alone --app-url http://localhost:3000 [--seed FILE] [--print-env]
// With --print-env it prints the app's variables, one a line, as an env file has them.

import { parseArgs } from "node:util";
import { UserError } from "../user-error";
import { startLocalClerk } from "./start";

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "4010" },
      data: { type: "string" },
      "app-url": { type: "string", default: "http://localhost:3000" },
      seed: { type: "string" },
      "print-env": { type: "boolean", default: false },
    },
  });
  if (!values.data) throw new UserError("Say where to keep its data: --data DIR");
  const clerk = await startLocalClerk({
    port: Number.parseInt(values.port, 10),
    dataDir: values.data,
    appUrl: values["app-url"],
    log: (line) => console.error(line),
    ...(values.seed ? { seed: values.seed } : {}),
  });
  if (values["print-env"]) {
    for (const [name, value] of Object.entries(clerk.env)) {
      console.log(`${name}=${JSON.stringify(value)}`);
    }
  }
  console.error(`Local Clerk: ${clerk.url}/__clerk/dev (everybody's password: ${clerk.password})`);
  let isStopping = false;
  const stop = () => {
    if (isStopping) return;
    isStopping = true;
    void clerk.close();
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
}

main().catch((error: unknown) => {
  console.error(error instanceof UserError ? error.message : error);
  process.exitCode = 1;
});
