/** What the database's part costs: a backfill beside COPY of the same rows, and one event in a small and a large mirror. */
import type pg from "pg";
import { applyTruth } from "../../lib/sync/apply";
import { fromBackendApi, userChange } from "../../lib/sync/decide";
import { clerkUser } from "../../lib/sync/event";
import { receiveDelivery } from "../../lib/sync/receive";
import { userJson } from "../testing/clerk-payloads";
import { median, signed } from "./load";

const BATCH = 500;

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1_000;
}

export type Backfill = { rows: number; backfill: number; copy: number; copyWithHistory: number };

/** In rows a second. `folder` is one that the server can write to. */
export async function benchBackfill(
  client: pg.Client,
  folder: string,
  rows: number,
): Promise<Backfill> {
  const people = Array.from({ length: rows }, (_, index) => {
    const id = `user_bench${String(index).padStart(9, "0")}`;
    return userChange(clerkUser.parse(userJson({ id })), fromBackendApi).row;
  });
  await client.query("TRUNCATE users, memberships, versions");
  const backfill = await seconds(async () => {
    for (let start = 0; start < rows; start += BATCH) {
      await applyTruth("users", people.slice(start, start + BATCH), 1n);
    }
  });
  await client.query(`COPY users TO '${folder}/users.copy'`);
  await client.query(`COPY versions TO '${folder}/versions.copy'`);
  await client.query("TRUNCATE users, memberships, versions");
  const users = await seconds(() => client.query(`COPY users FROM '${folder}/users.copy'`));
  const versions = await seconds(() =>
    client.query(`COPY versions FROM '${folder}/versions.copy'`),
  );
  return {
    rows,
    backfill: rows / backfill,
    copy: rows / users,
    copyWithHistory: rows / (users + versions),
  };
}

/** Brings users and inbox to `size` rows each. */
export async function grow(client: pg.Client, size: number): Promise<void> {
  await client.query("TRUNCATE users, memberships, versions, deliveries");
  await client.query(
    `INSERT INTO users (id, version, email, first_name, created_at)
     SELECT 'user_' || md5(n::text), 1, n || '@example.test', 'Ada', to_timestamp(n) FROM generate_series(1, $1::int) n`,
    [size],
  );
  await client.query(
    `INSERT INTO deliveries (svix_id, sha256, type, object_id, user_id, outcome, received_at)
     SELECT 'msg_' || md5(n::text), '\\x00', 'user.created', 'user_' || md5(n::text), 'user_' || md5(n::text), 'applied', to_timestamp(n)
     FROM generate_series(1, $1::int) n`,
    [size],
  );
  await client.query("ANALYZE users, deliveries");
  await client.query("CHECKPOINT");
}

const LANES = 8;
const ROUNDS = 5;

/** ms of this process for one event through the handler, eight at once; the median of a few rounds. */
export async function costOfEvent(secret: string, events: number): Promise<number> {
  const rounds: number[] = [];
  while (rounds.length < ROUNDS) {
    const waiting = signed(events, secret).values();
    const lane = async () => {
      for (const { body, headers } of waiting) {
        const url = "https://bench.test/api/webhooks/clerk";
        await receiveDelivery(new Request(url, { method: "POST", body, headers }));
      }
    };
    const took = await seconds(() => Promise.all(Array.from({ length: LANES }, lane)));
    rounds.push((1_000 * took) / events);
  }
  return median(rounds);
}
