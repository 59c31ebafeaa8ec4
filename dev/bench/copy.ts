/**
 * Compares the database work of a backfill with COPY of the same rows. The two alternate slice by slice, so that other load
 * on the machine affects both.
 */
import pg from "pg";
import { clerkMembership, clerkOrganization, clerkUser } from "../../lib/sync/event/event";
import { applyReconciled } from "../../lib/sync/mirror/apply";
import {
  fromBackendApi,
  membershipChange,
  organizationChange,
  userChange,
} from "../../lib/sync/mirror/decide";
import type { Row } from "../../lib/sync/reconcile/clerk-objects";
import { findDrift } from "../../lib/sync/reconcile/drift";
import { migrate } from "../../prisma/migrate";
import { createDatabase } from "../postgres/server";
import { membershipJson, organizationJson, userJson } from "../testing/clerk-payloads";
import { median } from "./load";

const BATCH = 500;
const SLICE = 5_000;
const TABLES = ["users", "memberships"] as const;
const MEMBERS_EACH = 10;

/** Rates in rows per second. Each rate is the median over all slices. */
type Rates = {
  compareAndWrite: number;
  write: number;
  copy: number;
  copyWithHistory: number;
};

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1_000;
}

const idOf = (noun: string, place: number) => `${noun}_bench${String(place).padStart(9, "0")}`;

const rowAt = {
  users: (place: number): Row =>
    userChange(clerkUser.parse(userJson({ id: idOf("user", place) })), fromBackendApi).row,
  organizations: (place: number): Row => {
    const json = organizationJson({ id: idOf("org", place) });
    return organizationChange(clerkOrganization.parse(json), fromBackendApi).row;
  },
  memberships: (place: number): Row => {
    const home = Math.floor(place / MEMBERS_EACH);
    const ids = { userId: idOf("user", place), organizationId: idOf("org", home) };
    const json = membershipJson({ id: idOf("orgmem", place), ...ids });
    return membershipChange(clerkMembership.parse(json), fromBackendApi).row;
  },
};

/** Compares and writes rows in pages, as a reconciliation does. Resolves to [seconds of comparing, seconds of writing]. */
async function backfill(table: keyof typeof rowAt, rows: Row[]): Promise<[number, number]> {
  let [compared, written] = [0, 0];
  // Objects that existed at Clerk before this moment get no `created` effect, as in a first backfill.
  const source = { cause: "reconciliation", createdSince: new Date() } as const;
  for (let start = 0; start < rows.length; start += BATCH) {
    const page = rows.slice(start, start + BATCH);
    compared += await seconds(() => findDrift(table, page));
    written += await seconds(() => applyReconciled(table, page, 1n, source));
  }
  return [compared, written];
}

/** Measures all rates. The Postgres server must be able to write to `folder`, because COPY exports the rows to it. */
export async function benchCopy(
  client: pg.Client,
  serverUrl: string,
  folder: string,
  users: number,
): Promise<Rates> {
  const twinUrl = await createDatabase(serverUrl, "twin");
  await migrate(twinUrl);
  const copyTable = new pg.Client({ connectionString: twinUrl });
  await copyTable.connect();
  const copy = async (table: string, condition: string) => {
    const file = `${folder}/${table}`;
    // COPY accepts no values for generated columns. Postgres computes these columns, as it does for an INSERT.
    const { rows } = await client.query<{ names: string }>(
      "SELECT string_agg(quote_ident(column_name), ', ') AS names FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1 AND is_generated = 'NEVER'",
      [table],
    );
    const names = rows[0]?.names;
    await client.query(`COPY (SELECT ${names} FROM ${table} WHERE ${condition}) TO '${file}'`);
    return seconds(() => copyTable.query(`COPY ${table} (${names}) FROM '${file}'`));
  };
  const rates: Record<keyof Rates, number[]> = {
    compareAndWrite: [],
    write: [],
    copy: [],
    copyWithHistory: [],
  };
  try {
    await client.query(
      "TRUNCATE users, organizations, memberships, versions, deliveries, sync_seen CASCADE",
    );
    const homes = Math.ceil(users / MEMBERS_EACH);
    await backfill(
      "organizations",
      Array.from({ length: homes }, (_, place) => rowAt.organizations(place)),
    );
    await copy("organizations", "true");
    for (let start = 0; start < users; start += SLICE) {
      const places = Array.from({ length: Math.min(SLICE, users - start) }, (_, n) => start + n);
      const took: Record<keyof Rates, number> = {
        compareAndWrite: 0,
        write: 0,
        copy: 0,
        copyWithHistory: 0,
      };
      for (const table of TABLES) {
        const rows = places.map(rowAt[table]);
        const [first = "", last = ""] = [rows.at(0)?.id, rows.at(-1)?.id];
        const [compared, written] = await backfill(table, rows);
        took.compareAndWrite += compared + written;
        took.write += written;
        const mirrored = await copy(table, `id BETWEEN '${first}' AND '${last}'`);
        const history = await copy("versions", `object_id BETWEEN '${first}' AND '${last}'`);
        took.copy += mirrored;
        took.copyWithHistory += mirrored + history;
      }
      const count = places.length * TABLES.length;
      for (const name of ["compareAndWrite", "write", "copy", "copyWithHistory"] as const) {
        rates[name].push(count / took[name]);
      }
    }
    return {
      compareAndWrite: median(rates.compareAndWrite),
      write: median(rates.write),
      copy: median(rates.copy),
      copyWithHistory: median(rates.copyWithHistory),
    };
  } finally {
    await copyTable.end();
  }
}
