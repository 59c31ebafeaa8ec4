/**
 * Reads and writes the head: the record of the receipts of the last ERASURE_HEAD_DAYS, stored outside the database at
 * ERASURE_HEAD_URL. A database that lacks receipts of its head was restored from a backup. For each receipt, the head has a
 * salted hash of the erased subject's id, so that the subject can be erased again.
 */
import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { env } from "../env";
import { UserError } from "../errors";
import { type Head, type Link, nextHash } from "./receipt";

const hash = z.string().regex(/^[0-9a-f]{64}$/);

const entry = z.strictObject({
  sequence: z.int().positive(),
  hash,
  id: hash,
  body: z.string(),
  /** The SHA-256 of the salt, a colon and the subject's id. */
  subject: hash,
});

const headFile = z.strictObject({
  format: z.literal(1),
  salt: z.string().min(32),
  receipts: z.array(entry),
});

export type HeadEntry = z.output<typeof entry>;
export type HeadFile = z.output<typeof headFile>;

const REQUEST_MS = 5_000;

/** Thrown when the head cannot be read or written. The message is for the operator. */
export class HeadUnavailable extends Error {
  override name = "HeadUnavailable";
}

const explain = (action: string, cause: unknown) =>
  new HeadUnavailable(
    `The head of the erasures cannot be ${action}. Check ERASURE_HEAD_URL and what it leads to.`,
    { cause },
  );

const isWebUrl = (url: string) => /^https?:/.test(url);
const pathOf = (url: string) => (url.startsWith("file:") ? fileURLToPath(url) : url);

async function request(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(REQUEST_MS) });
  if (!response.ok && response.status !== 404)
    throw new Error(`The store answered with ${response.status}.`);
  return response;
}

async function readText(url: string): Promise<string | null> {
  if (isWebUrl(url)) {
    const response = await request(url, { cache: "no-store" });
    return response.status === 404 ? null : response.text();
  }
  try {
    return await readFile(pathOf(url), "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/** Replaces the file atomically. The new file is on disk when this resolves. */
async function replaceFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.tmp`;
  const file = await open(draft, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

async function writeText(url: string, text: string): Promise<void> {
  if (!isWebUrl(url)) return replaceFile(pathOf(url), text);
  const headers = { "content-type": "application/json" };
  const response = await request(url, { method: "PUT", body: text, headers });
  if (!response.ok) throw new Error(`The store answered with ${response.status}.`);
}

/**
 * Checks that the receipts in the head form a chain, because receipts of a broken chain must not be copied into the database.
 * @throws if they do not.
 */
function requireChain({ receipts }: HeadFile): void {
  let before: HeadEntry | undefined;
  for (const each of receipts) {
    const isNext =
      before === undefined ||
      (each.sequence === before.sequence + 1 && each.hash === nextHash(before.hash, each.body));
    if (!isNext) throw new Error(`Its receipt ${each.sequence} does not continue the chain.`);
    before = each;
  }
}

/**
 * Resolves to the stored head, or to an empty one with a new salt if there is none yet; null without ERASURE_HEAD_URL. @throws
 * HeadUnavailable
 */
export async function readHeadFile(): Promise<HeadFile | null> {
  const url = env().erasureHeadUrl;
  if (url === undefined) return null;
  try {
    const text = await readText(url);
    if (text === null) return { format: 1, salt: randomBytes(32).toString("hex"), receipts: [] };
    const file = headFile.parse(JSON.parse(text));
    requireChain(file);
    return file;
  } catch (error) {
    throw explain("read", error);
  }
}

/** Writes the head to its store. @throws HeadUnavailable */
export async function writeHeadFile(file: HeadFile): Promise<void> {
  const url = env().erasureHeadUrl;
  if (url === undefined) return;
  try {
    await writeText(url, JSON.stringify(file));
  } catch (error) {
    throw explain("written", error);
  }
}

const PRINTED = /(\d+) ([0-9a-f]{64})(?![0-9a-f])/;

function parsePublished(text: string): Head | null | undefined {
  if (text.trimStart().startsWith("{")) return headOf(headFile.parse(JSON.parse(text)));
  const [, sequence, hash] = PRINTED.exec(text) ?? [];
  return sequence && hash ? { sequence: Number(sequence), hash } : undefined;
}

/**
 * Reads a head that was published at a path or URL: a copy of the head's file, or a text with the number and the hash of a receipt,
 * as `npm run erasure:verify` prints them. Resolves to null if the file has no receipts. @throws UserError if there is no head.
 */
export async function readPublishedHead(location: string): Promise<Head | null> {
  try {
    const head = parsePublished((await readText(location)) ?? "");
    if (head !== undefined) return head;
  } catch (cause) {
    throw new UserError(`The head at ${location} cannot be read.`, { cause });
  }
  throw new UserError(`There is no head of the erasures at ${location}.`);
}

/** Returns the number and hash of the newest receipt in the head; null if it has no receipts. */
export function headOf({ receipts }: HeadFile): Head | null {
  const last = receipts.at(-1);
  return last ? { sequence: last.sequence, hash: last.hash } : null;
}

export const entryOf = (link: Link, subjectId: string, { salt }: HeadFile): HeadEntry => ({
  ...link,
  subject: createHash("sha256").update(`${salt}:${subjectId}`).digest("hex"),
});
