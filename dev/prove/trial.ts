/** Puts a batch of histories to a subject, all at once on one database, and says of each where it went wrong. */

import { jsonOf, type Thing } from "./clerk-objects";
import { type Counts, deliver } from "./deliver";
import { lanesOf, roadOf } from "./delivery-schedule";
import type { History } from "./history";
import { afterMessages, afterReconciliation, beyond, type View } from "./model";
import { see, wrongOf } from "./observe";
import { type Message, type Played, play } from "./simulate-clerk";
import type { Subject } from "./subject";
import type { Bench, Lab } from "./testbed";

/** Histories under way at once, each in four lanes. */
const WIDTH = 6;
const SETTLE_ROUNDS = 8;

export type Divergence = { when: string; missing: View; unexpected: View; played: Played };
export type Trial = { subject: Subject; bench: Bench; lab: Lab; counts: Counts };

const EMPTY = `TRUNCATE users, organizations, memberships, invitations, versions, deliveries, sync_runs,
  drift_findings, sync_seen, regressions`;

/** Unique in this process, so that what a history left can never be another's. */
let keys = 0;

async function forEachOf<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const worker = async () => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: WIDTH }, worker));
}

/** What waits for the worker is tried as often as the worker would, without waiting for it. */
async function settle({ subject, bench }: Trial): Promise<void> {
  if (!subject.settle) return;
  for (let round = 1; round < SETTLE_ROUNDS; round += 1) {
    const { rows } = await bench.observer.query<{ svix_id: string }>(
      "SELECT svix_id FROM deliveries WHERE outcome = 'pending'",
    );
    if (rows.length === 0) return;
    for (const { svix_id } of rows) await subject.settle(svix_id);
  }
}

type Case = { key: string; played: Played; on: Record<ReturnType<typeof roadOf>, Message[]> };

function stage(history: History): Case {
  const key = String(keys++);
  const played = play(history, key);
  const on: Case["on"] = { sent: [], late: [], lost: [] };
  for (const message of played.messages) on[roadOf(message, played.messages)].push(message);
  return { key, played, on };
}

async function compare(
  trial: Trial,
  cases: Case[],
  when: string,
  expected: (each: Case) => View,
): Promise<Map<Case, Divergence>> {
  const { views, wrong } = await see(trial.bench.observer);
  const found = new Map<Case, Divergence>();
  for (const each of cases) {
    const want = expected(each);
    const seen = views.get(each.key) ?? [];
    const missing = beyond(want, seen);
    const isWatched = trial.subject.settle !== undefined;
    const unexpected = [...beyond(seen, want), ...(isWatched ? wrongOf(wrong, each.key) : [])];
    if (missing.length + unexpected.length > 0) {
      found.set(each, { when, missing, unexpected, played: each.played });
    }
  }
  return found;
}

function publish({ clerk }: Lab, cases: Case[]): void {
  const of = (table: Thing["table"]) =>
    cases
      .flatMap(({ played }) => played.alive.filter((thing) => thing.table === table))
      .map(jsonOf);
  clerk.users = of("users");
  clerk.organizations = of("organizations");
  clerk.memberships = of("memberships");
  clerk.invitations = of("invitations");
}

const failed = (obstacle: string, played: Played): Divergence => ({
  when: `because the reconciliation was not done: ${obstacle}`,
  missing: [],
  unexpected: [],
  played,
});

/** In the order of `histories`; null where the mirror was right all along. */
export async function attempt(trial: Trial, histories: History[]): Promise<(Divergence | null)[]> {
  const { subject, bench, lab, counts } = trial;
  await bench.observer.query(EMPTY);
  const cases = histories.map(stage);
  const send = (messages: (each: Case) => Message[]) =>
    forEachOf(cases, (each) => deliver(subject.receive, lanesOf(messages(each)), bench, counts));

  await send(({ on }) => on.sent);
  await settle(trial);
  const found = await compare(trial, cases, "after the messages", ({ on }) =>
    afterMessages(on.sent),
  );
  if (subject.reconcile) {
    publish(lab, cases);
    const obstacle = await subject.reconcile().catch((error: unknown) => String(error));
    if (obstacle) return cases.map(({ played }) => failed(obstacle, played));
    // Svix sends again what it was never told of, days later.
    await send(({ on }) => [...on.late, ...on.sent.filter(({ fate }) => fate.copies.length === 3)]);
    await settle(trial);
    const when = "after the reconciliation";
    const later = await compare(trial, cases, when, ({ played }) => afterReconciliation(played));
    for (const [each, divergence] of later) if (!found.has(each)) found.set(each, divergence);
  }
  return cases.map((each) => found.get(each) ?? null);
}
