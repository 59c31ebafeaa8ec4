/** Sends webhooks at a steady rate, and prints each minute the dead rows and the sizes of the tables that they fill. */
import { Agent } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { z } from "zod";
import { event, userJson } from "../testing/clerk-payloads";
import { fire, ksuid, signed } from "./signed-load";

const MINUTE = 60_000;
const TICK_MS = 50;
/** With more requests without a response, no more are sent: the rate is then less than the one asked for. */
const MOST_IN_FLIGHT = 200;
/** One event in so many creates a user; the others update one. */
const CREATES_ONE_IN = 4;

const sampleShape = z.array(
  z.object({
    table: z.string(),
    live: z.coerce.number(),
    dead: z.coerce.number(),
    bytes: z.coerce.number(),
    vacuums: z.coerce.number(),
  }),
);
type Sample = z.output<typeof sampleShape>[number];

/** The partitions of `deliveries` count as one table. */
const SAMPLE = `
  SELECT CASE WHEN relname LIKE 'deliveries%' THEN 'deliveries' ELSE relname END AS table, sum(n_live_tup) AS live,
    sum(n_dead_tup) AS dead, sum(pg_total_relation_size(relid)) AS bytes, sum(autovacuum_count) AS vacuums
  FROM pg_stat_user_tables
  WHERE relname IN ('users', 'versions', 'delivery_ids') OR relname LIKE 'deliveries%'
  GROUP BY 1 ORDER BY 1`;

const inMegabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;

function line({ table, live, dead, bytes, vacuums }: Sample): string {
  const share = dead / Math.max(1, live + dead);
  const bar = "#".repeat(Math.round(share * 40)).padEnd(40, ".");
  const perRow = (bytes / Math.max(1, live)).toFixed(0);
  return `  ${table.padEnd(13)}${String(live).padStart(9)} live ${String(dead).padStart(7)} dead ${bar} ${(share * 100).toFixed(0).padStart(3)} %  ${inMegabytes(bytes).padStart(8)}, ${perRow} bytes a row, ${vacuums} vacuums`;
}

type Options = { url: string; secret: string; perSecond: number; minutes: number };

/** Sends the events of users who are created and then updated, and samples the tables every minute. */
export async function benchBloat(
  client: pg.Client,
  { url, secret, perSecond, minutes }: Options,
): Promise<void> {
  const target = new URL(url);
  const agent = new Agent({ keepAlive: true });
  const users: string[] = [];
  let [made, answered, failed, inFlight] = [0, 0, 0, 0];
  const payloadOf = () => {
    made += 1;
    const known = users[(made * 7_919) % Math.max(1, users.length)];
    if (known === undefined || made % CREATES_ONE_IN === 0) {
      const id = ksuid("user");
      users.push(id);
      return event("user.created", userJson({ id }));
    }
    return event("user.updated", userJson({ id: known, updated_at: Date.now() }), Date.now());
  };
  const send = async () => {
    const [shot] = signed(1, secret, payloadOf);
    if (!shot) return;
    inFlight += 1;
    try {
      if ((await fire(agent, target, shot)) === 200) answered += 1;
      else failed += 1;
    } finally {
      inFlight -= 1;
    }
  };
  const startedAt = performance.now();
  let nextSample = startedAt + MINUTE;
  let counted = 0;
  for (let due = startedAt; due < startedAt + minutes * MINUTE; due += TICK_MS) {
    await sleep(Math.max(0, due - performance.now()));
    for (let sent = 0; sent < (perSecond * TICK_MS) / 1_000 && inFlight < MOST_IN_FLIGHT; sent += 1)
      void send();
    if (performance.now() < nextSample) continue;
    nextSample += MINUTE;
    const { rows } = await client.query(SAMPLE);
    const minute = Math.round((performance.now() - startedAt) / MINUTE);
    console.log(`minute ${minute}: ${((answered - counted) / 60).toFixed(0)} events/s`);
    counted = answered;
    for (const sample of sampleShape.parse(rows)) console.log(line(sample));
  }
  while (inFlight > 0) await sleep(TICK_MS);
  const seconds = (performance.now() - startedAt) / 1_000;
  console.log(
    `${answered} events acknowledged in ${seconds.toFixed(0)} s (${(answered / seconds).toFixed(0)}/s, ${perSecond}/s asked for), ${failed} refused`,
  );
  agent.destroy();
}
