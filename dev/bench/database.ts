/** Measures the cost of one event in a small and in a large mirror. */
import type pg from "pg";
import { receiveDelivery } from "../../lib/sync/inbox/receive";
import { median } from "./load";
import { signed } from "./signed-load";

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1_000;
}

/**
 * Fills the tables of users and deliveries up to `size` rows each. The times and ids of these rows sort before the times and ids
 * of the rows that the benchmark adds later.
 */
export async function grow(client: pg.Client, size: number): Promise<void> {
  await client.query("TRUNCATE users, memberships, versions, deliveries CASCADE");
  await client.query(
    `INSERT INTO users (id, version, email, first_name, created_at)
     SELECT 'user_' || lpad(n::text, 9, '0') || md5(n::text), 1, n || '@example.test', 'Ada', to_timestamp(n) FROM generate_series(1, $1::int) n`,
    [size],
  );
  await client.query(
    `INSERT INTO deliveries (svix_id, sha256, type, object_id, user_id, outcome, received_at)
     SELECT 'msg_' || lpad(n::text, 9, '0') || md5(n::text), '\\x00', 'user.created', 'user_' || lpad(n::text, 9, '0') || md5(n::text), 'user_' || lpad(n::text, 9, '0') || md5(n::text), 'applied', to_timestamp(n)
     FROM generate_series(1, $1::int) n`,
    [size],
  );
  await client.query("ANALYZE users, deliveries");
  await client.query("CHECKPOINT");
}

const LANES = 8;
const ROUNDS = 5;

/**
 * Runs events through the handler in this process, eight at a time. Resolves to the ms per event: the median of five rounds.
 * @param make Makes the webhooks of a round.
 */
export async function costOfEvent(
  secret: string,
  events: number,
  { make = signed, lanes = LANES } = {},
): Promise<number> {
  const rounds: number[] = [];
  while (rounds.length < ROUNDS) {
    const waiting = make(events, secret).values();
    const lane = async () => {
      for (const { body, headers } of waiting) {
        const url = "https://bench.test/api/webhooks/clerk";
        await receiveDelivery(new Request(url, { method: "POST", body, headers }));
      }
    };
    const took = await seconds(() => Promise.all(Array.from({ length: lanes }, lane)));
    rounds.push((1_000 * took) / events);
  }
  return median(rounds);
}
