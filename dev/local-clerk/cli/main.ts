#!/usr/bin/env node
// The command `local-clerk`: `serve` runs until Ctrl-C, `exec` runs another command beside a local Clerk, `generate` fills a
// running local Clerk with data, `export` writes the state of a local Clerk to a file. In this repository: node --import tsx
// dev/local-clerk/cli/main.ts

import { runMain } from "../user-error";
import { exec } from "./exec";
import { exportData } from "./export";
import { generateData } from "./generate";
import { readCommand } from "./options";
import { serve } from "./serve";

async function main(): Promise<number> {
  const command = readCommand(process.argv.slice(2), process.env.PORT);
  switch (command.name) {
    case "help":
      console.log(command.text);
      return 0;
    case "serve":
      return serve(command.start);
    case "exec":
      return exec(command);
    case "generate":
      return generateData(command);
    case "export":
      return exportData(command);
  }
}

void runMain(main);
