// The local Clerk from a shell:
//   node --import tsx dev/local-clerk/cli/main.ts --port 4010 --data .rollcall/clerk-alone --app-url http://localhost:3000 [--seed FILE] [--print-env]
// With --print-env it prints the app's variables, one a line, as an env file has them.

import { startLocalClerk } from "../start";
import { UserError } from "../user-error";
import { readOptions } from "./options";

async function main(): Promise<void> {
  const { isEnvPrinted, ...options } = readOptions(process.argv.slice(2));
  const clerk = await startLocalClerk({ ...options, log: (line) => console.error(line) });
  if (isEnvPrinted) {
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
