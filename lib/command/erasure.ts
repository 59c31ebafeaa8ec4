/**
 * `npm run erasure:receipts` prints the receipts of all erasures. `npm run erasure:verify` checks their chain, and fails at the
 * first broken link.
 */
import { once } from "node:events";
import { database } from "../db";
import { readLinks, verifyChain } from "../erasure/receipt";
import { UserError } from "../errors";
import { parseArguments, print, runCommand } from "./run";

const USAGE = "Usage: npm run erasure:receipts | npm run erasure:verify";

async function printReceipts(): Promise<void> {
  for await (const { line } of readLinks(database().pool)) {
    if (!process.stdout.write(`${line}\n`)) await once(process.stdout, "drain");
  }
}

async function verify(): Promise<void> {
  const { head, broken } = await verifyChain(database().pool);
  if (broken) {
    throw new UserError(
      `The chain is broken at receipt ${broken.sequence}: ${broken.reason}. The last good receipt is ${head.sequence}, with the hash ${head.hash}.`,
    );
  }
  print(`${head.sequence} receipts, none missing or changed.`);
  print(`Head: ${head.sequence} ${head.hash}`);
}

const actions = new Map([
  ["receipts", printReceipts],
  ["verify", verify],
]);

await runCommand(async (args) => {
  const { positionals } = parseArguments({ args, allowPositionals: true }, USAGE);
  const [name = "", ...rest] = positionals;
  const action = actions.get(name);
  if (!action || rest.length > 0) throw new UserError(USAGE);
  await action();
});
