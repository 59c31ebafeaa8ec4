/** Checks that purchases of erased people can be archived: the key, its rotation, and the role that owns the archive's tables. */
import type pg from "pg";
import { z } from "zod";
import { env } from "../env";
import { listArchive } from "../erasure/archive-admin";
import { countUnarchived } from "../erasure/archive-retention";
import { countOtherKeys } from "../erasure/archive-rotation";
import { type Finding, finding, ok } from "./finding";

const CHECK = "Archive";

const ownerShape = z.object({ owner: z.string(), role: z.string(), login: z.string() });
const OWNER = `SELECT pg_get_userbyid(relowner) AS owner, archive_role() AS role, current_user AS login FROM pg_class
  WHERE relnamespace = to_regnamespace(quote_ident(archive_schema())) AND relname = 'archive_entries'`;

const people = (count: number) => (count === 1 ? "1 erased person" : `${count} erased people`);

async function checkRole(client: pg.Client): Promise<Finding[]> {
  const { owner, role, login } = ownerShape.parse((await client.query(OWNER)).rows[0]);
  if (owner === role) return [];
  return [
    finding(
      "warn",
      CHECK,
      `The archive has no role of its own: its rows are encrypted, but every statement of ${owner} may read them.`,
      `As an administrator: CREATE ROLE "${role}" NOLOGIN; GRANT "${role}" TO "${login}"; then run \`npm run db:migrate\`.`,
    ),
  ];
}

/** Requires a database whose migrations are all applied. */
export async function checkArchive(client: pg.Client): Promise<Finding[]> {
  const [current] = env().archiveKeys;
  if (!current) {
    return [
      finding(
        "warn",
        CHECK,
        `ARCHIVE_KEY is not set: the purchases of ${people(await countUnarchived(client))} stay in their tables, without an end of their retention.`,
        "Set it (docs/production.md). The worker then archives them within a day.",
      ),
    ];
  }
  const { problem } = await listArchive();
  if (problem !== null) {
    return [
      finding(
        "bad",
        CHECK,
        `Nothing can be archived. ${problem}`,
        "Add the key that the archive was written with to ARCHIVE_KEY, after the current one.",
      ),
    ];
  }
  const others = await countOtherKeys();
  const rotation =
    others === 0
      ? ok(CHECK, `Purchases of erased people are archived, encrypted by the key ${current.id}.`)
      : finding(
          "warn",
          CHECK,
          `${others} keys of the archive are not encrypted by the current key ${current.id}.`,
          "Run `npm run archive -- rotate-key`.",
        );
  return [rotation, ...(await checkRole(client))];
}
