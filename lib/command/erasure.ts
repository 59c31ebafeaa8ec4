/**
 * `npm run erasure -- list | release | undo`: lists the erasures under way, releases the brake, or undoes a deletion that is held
 * back. `npm run erasure:receipts` prints all receipts. `npm run erasure:verify` checks the chain of the receipts, and fails at
 * the first broken link, and if the receipt of a published head is missing. `npm run erasure:reapply` repeats the erasures that
 * a restored backup undid.
 */
import { once } from "node:events";
import { database } from "../db";
import { env } from "../env";
import { runErasures } from "../erasure/erase";
import { headOf, readHeadFile, readPublishedHead } from "../erasure/head-store";
import { findBrake, releaseBrake, undoErasure } from "../erasure/hold";
import { erasureCondition, findErasures, type ListedErasure } from "../erasure/list";
import { type Head, readLinks, verifyChain } from "../erasure/receipt";
import { hasReceipt, reapplyErasures, requireCurrentDatabase } from "../erasure/restore";
import { UserError } from "../errors";
import { parseArguments, print, runCommand } from "./run";

const USAGE = `Usage: npm run erasure -- <action>
  list
  release --reason TEXT
  undo ID --reason TEXT
or: npm run erasure:receipts | npm run erasure:reapply
or: npm run erasure:verify [-- --head FILE|URL]`;

const ACTOR = "npm run erasure";
const MOST_LISTED = 1_000;

const timeText = (time: Date) => time.toISOString().replace(/\.\d+Z$/, "Z");

function stateOf({ step, isPaused, nextAt }: ListedErasure): string {
  if (step !== "held") return step;
  if (isPaused) return "paused by the brake";
  return nextAt ? `held back until ${timeText(nextAt)}` : "held back";
}

async function list(): Promise<void> {
  const brake = await findBrake();
  if (brake) {
    print(
      `The brake is engaged since ${timeText(brake.engagedAt)}: ${brake.deletions} deletions within an hour. Waiting: ${brake.waiting}.`,
    );
  }
  const erasures = await findErasures(erasureCondition({ state: "under-way" }), MOST_LISTED);
  if (erasures.length === 0) return print("No erasure is under way.");
  for (const erasure of erasures) {
    const { subjectId, reason, deletedAt } = erasure;
    print(`${subjectId}  deleted ${timeText(deletedAt)}  ${reason}  ${stateOf(erasure)}`);
  }
}

async function release(reason: string): Promise<void> {
  const count = await releaseBrake({ actor: ACTOR, reason });
  print(`Released. ${count} erasures go on.`);
}

async function undo(id: string, reason: string): Promise<void> {
  await undoErasure(id, { actor: ACTOR, reason });
  print(`${id} is restored here. The account at Clerk stays deleted.`);
}

async function printReceipts(): Promise<void> {
  for await (const { line } of readLinks(database().pool)) {
    if (!process.stdout.write(`${line}\n`)) await once(process.stdout, "drain");
  }
}

const NO_HEAD =
  "No head was given (--head FILE|URL, or ERASURE_HEAD_URL): receipts that were removed from the end are not noticed.";

/** Resolves to the published head, or to null if none is given, or it has no receipts yet. */
async function findPublishedHead(location: string | undefined): Promise<Head | null> {
  if (location !== undefined) return readPublishedHead(location);
  const file = await readHeadFile();
  return file && headOf(file);
}

async function verify(location: string | undefined): Promise<void> {
  const published = await findPublishedHead(location);
  const isThere = published === null || (await hasReceipt(published));
  const { head, broken } = await verifyChain(database().pool);
  if (broken) {
    throw new UserError(
      `The chain is broken at receipt ${broken.sequence}: ${broken.reason}. The last good receipt is ${head.sequence}, with the hash ${head.hash}.`,
    );
  }
  if (!isThere) {
    throw new UserError(
      published.sequence > head.sequence
        ? `Receipts are missing at the end: the published head is receipt ${published.sequence}, but the chain ends with ${head.sequence}. After a restore, npm run erasure:reapply adds them.`
        : `Receipt ${published.sequence} is not that of the published head: the chain was changed and its hashes computed again.`,
    );
  }
  print(`${head.sequence} receipts, none missing or changed.`);
  print(published ? `The published head is receipt ${published.sequence}: it is there.` : NO_HEAD);
  print(`Head: ${head.sequence} ${head.hash}`);
}

async function reapply(): Promise<void> {
  if (env().erasureHeadUrl === undefined) {
    throw new UserError(
      "ERASURE_HEAD_URL is not set, so it is not known what was erased. See docs/privacy.md.",
    );
  }
  const count = await reapplyErasures();
  await runErasures();
  await requireCurrentDatabase();
  print(
    count === 0
      ? "The database is not older than its erasures. Nothing had to be erased again."
      : `${count} erased again. The app serves data now.`,
  );
}

const actions = new Map([
  ["list", list],
  ["reapply", reapply],
  ["receipts", printReceipts],
]);

await runCommand(async (args) => {
  const options = { reason: { type: "string" }, head: { type: "string" } } as const;
  const parsed = parseArguments({ args, options, allowPositionals: true }, USAGE);
  const [name = "", id, ...rest] = parsed.positionals;
  const reason = parsed.values.reason?.trim();
  const { head } = parsed.values;
  if (name === "verify" && id === undefined && reason === undefined) return verify(head);
  if (head !== undefined) throw new UserError(USAGE);
  const action = actions.get(name);
  if (action && id === undefined && reason === undefined) return action();
  if (!reason || rest.length > 0) throw new UserError(USAGE);
  if (name === "release" && id === undefined) return release(reason);
  if (name === "undo" && id !== undefined) return undo(id, reason);
  throw new UserError(USAGE);
});
