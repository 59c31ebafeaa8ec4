/**
 * Erases one user, and kills its own process with SIGKILL at a checkpoint:
 * `tsx dev/testing/erasure-crash.ts ours|naive USER_ID CHECKPOINT`. Exits with 0 if the checkpoint was not reached.
 */
import { closeDatabase } from "../../lib/db";
import { runErasures } from "../../lib/erasure/erase";
import { eraseNaively } from "./naive-erasure";

const [kind, userId = "", wanted] = process.argv.slice(2);

const checkpoint = (name: string) => {
  if (name === wanted) process.kill(process.pid, "SIGKILL");
};

if (kind === "naive") {
  // If one delete fails, the other deletes still run and reach the checkpoint.
  await eraseNaively(userId, checkpoint).catch(() => undefined);
} else {
  await runErasures(checkpoint);
  await closeDatabase();
}
