/**
 * Erases one user, and kills its own process with SIGKILL at a checkpoint, or some ms after the erasure began:
 * `tsx dev/prove/erasure/eraser.ts ours|naive USER_ID CHECKPOINT|+MS`. Exits with 0 if it was not killed.
 */
import { closeDatabase } from "../../../lib/db";
import { runErasures } from "../../../lib/erasure/erase";
import { passMinute } from "./finish";
import { eraseNaively } from "./naive";

const [kind, userId = "", wanted = ""] = process.argv.slice(2);

const kill = () => process.kill(process.pid, "SIGKILL");
const checkpoint = (name: string) => {
  if (name === wanted) kill();
};

if (wanted.startsWith("+")) setTimeout(kill, Number(wanted));

if (kind === "naive") {
  // One failed delete does not end the others: they still reach the checkpoint.
  await eraseNaively(userId, checkpoint).catch(() => undefined);
} else {
  await runErasures(checkpoint);
  await passMinute();
  await runErasures(checkpoint);
}
await closeDatabase();
