/**
 * The ARCHIVE_KEY of `npm run dev`. The key is made once and kept beside the database, because the database's archive cannot be
 * read without the key.
 */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

export function readArchiveKey(file: string): string {
  if (!existsSync(file)) {
    writeFileSync(file, `dev:${randomBytes(32).toString("base64")}`, { mode: 0o600 });
  }
  return readFileSync(file, "utf8").trim();
}
