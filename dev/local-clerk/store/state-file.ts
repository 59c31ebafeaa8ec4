// Writes the keys and all records of an instance to one file, so that a CI step can start from the state of an earlier step.
//
// The first line is JSON: `format`, a number, and the keys. The other lines are the journal. A file of a newer format is refused.
// A file of the same or an older format is read as a journal, which gives new fields their defaults. The file contains secret
// keys and sessions, so only its owner may read it.

import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../user-error";
import { makeFolder } from "./make-folder";

/** The format's version. Increase it with a change that older versions cannot read. */
const currentFormat = 1;

const firstLine = z.object({
  format: z.number().int(),
  keys: z.record(z.string(), z.unknown()),
});

const filesIn = (dataDir: string) => ({
  keys: join(dataDir, "keys.json"),
  journal: join(dataDir, "journal.ndjson"),
});

/**
 * Writes the state in `dataDir` to `path`. The local Clerk may be running: an incomplete last line of its journal is left out.
 */
export function exportState(dataDir: string, path: string): void {
  const { keys, journal } = filesIn(dataDir);
  if (!existsSync(keys)) {
    throw new UserError(
      `Local Clerk: there is no data in ${dataDir}. Name its folder with --data.`,
    );
  }
  const header = {
    format: currentFormat,
    keys: JSON.parse(readFileSync(keys, "utf8")),
  };
  const written = existsSync(journal) ? readFileSync(journal) : Buffer.alloc(0);
  const changes = written.subarray(0, written.lastIndexOf(0x0a) + 1);
  const draft = `${path}.new`;
  writeFileSync(draft, Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), changes]), {
    mode: 0o600,
  });
  renameSync(draft, path);
}

/**
 * Fills an empty `dataDir` from a file that `exportState` wrote. @throws UserError if the folder has data, or if the file cannot
 * be used.
 */
export function importState(dataDir: string, path: string): void {
  const { keys, journal } = filesIn(dataDir);
  if (existsSync(keys)) {
    throw new UserError(
      `Local Clerk: ${dataDir} has data already. Import ${path} into another folder with --data, or delete this one.`,
    );
  }
  const { header, changes } = readStateFile(path);
  makeFolder(dataDir, 0o700);
  writeFileSync(journal, changes, { mode: 0o600 });
  // The keys are written last, so that a folder with keys is always complete.
  writeFileSync(keys, JSON.stringify(header.keys, null, 2), { mode: 0o600 });
}

function readStateFile(path: string) {
  const unusable = (why: string, cause?: unknown) =>
    new UserError(`Local Clerk: the state ${path} cannot be used: ${why}`, { cause });
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw unusable(cause instanceof Error ? cause.message : String(cause), cause);
  }
  const end = bytes.indexOf(0x0a);
  const { data: header, error } = parseHeader(bytes.toString("utf8", 0, Math.max(end, 0)));
  if (!header) throw unusable("it was not written by local-clerk export.", error);
  if (header.format > currentFormat) {
    throw unusable(
      `it was written by a newer version. Update @rollcall/local-clerk here, or export with the version that is installed here.`,
    );
  }
  return { header, changes: bytes.subarray(end + 1) };
}

function parseHeader(line: string) {
  try {
    return firstLine.safeParse(JSON.parse(line));
  } catch (error) {
    return { data: undefined, error };
  }
}
