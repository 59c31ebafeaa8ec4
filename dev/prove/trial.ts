/** Runs a batch of histories in parallel against one subject and its database. Reports how each history diverged. */

import { type ClerkObject, jsonOf } from "./clerk-objects";
import { type Counts, deliver } from "./deliver";
import { dispatchOf, lanesOf } from "./delivery-schedule";
import type { History } from "./history";
import { afterMessages, afterReconciliation, surplus, type View } from "./model";
import { observe, violationsOf } from "./observe";
import { type Message, type Simulation, simulateClerk } from "./simulate-clerk";
import type { Subject } from "./subject";
import type { SubjectDatabase, Testbed } from "./testbed";

/** The number of histories that run concurrently, each in four lanes. */
const WIDTH = 6;
const SETTLE_ROUNDS = 8;

export type Divergence = { when: string; missing: View; unexpected: View; simulation: Simulation };
export type Trial = {
  subject: Subject;
  database: SubjectDatabase;
  testbed: Testbed;
  counts: Counts;
};

const RESET = `TRUNCATE users, organizations, memberships, invitations, versions, deliveries, sync_runs,
  drift_findings, sync_seen, regressions, effect_jobs, ever_shown CASCADE`;

/**
 * The number of keys that have been given to histories. Keys are unique in this process, so that a row of one history is never
 * counted for another history.
 */
let keys = 0;

async function forEachOf<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: WIDTH }, worker));
}

/** Retries pending deliveries as often as the worker would, without the worker's delays. */
async function settle({ subject, database }: Trial): Promise<void> {
  if (!subject.settle) return;
  for (let round = 1; round < SETTLE_ROUNDS; round += 1) {
    const { rows } = await database.observer.query<{ svix_id: string }>(
      "SELECT svix_id FROM deliveries WHERE outcome = 'pending'",
    );
    if (rows.length === 0) return;
    for (const { svix_id } of rows) await subject.settle(svix_id);
  }
}

type Case = {
  key: string;
  simulation: Simulation;
  on: Record<ReturnType<typeof dispatchOf>, Message[]>;
};

function prepareCase(history: History): Case {
  const key = String(keys++);
  const simulation = simulateClerk(history, key);
  const on: Case["on"] = { sent: [], late: [], lost: [] };
  for (const message of simulation.messages)
    on[dispatchOf(message, simulation.messages)].push(message);
  return { key, simulation, on };
}

async function compare(
  trial: Trial,
  cases: Case[],
  when: string,
  expected: (each: Case) => View,
): Promise<Map<Case, Divergence>> {
  const { views, violations } = await observe(trial.database.observer);
  const found = new Map<Case, Divergence>();
  for (const each of cases) {
    const want = expected(each);
    const seen = views.get(each.key) ?? [];
    const missing = surplus(want, seen);
    const isRollcall = trial.subject.settle !== undefined;
    const unexpected = [
      ...surplus(seen, want),
      ...(isRollcall ? violationsOf(violations, each.key) : []),
    ];
    if (missing.length + unexpected.length > 0) {
      found.set(each, { when, missing, unexpected, simulation: each.simulation });
    }
  }
  return found;
}

function setClerkLists({ clerk }: Testbed, cases: Case[]): void {
  const of = (table: ClerkObject["table"]) =>
    cases
      .flatMap(({ simulation }) => simulation.remaining.filter((object) => object.table === table))
      .map(jsonOf);
  clerk.users = of("users");
  clerk.organizations = of("organizations");
  clerk.memberships = of("memberships");
  clerk.invitations = of("invitations");
}

const reconciliationFailure = (reason: string, simulation: Simulation): Divergence => ({
  when: `because the reconciliation failed: ${reason}`,
  missing: [],
  unexpected: [],
  simulation,
});

/** Resolves to one result per history, in order; null if the mirror was correct at each check. */
export async function attempt(trial: Trial, histories: History[]): Promise<(Divergence | null)[]> {
  const { subject, database, testbed, counts } = trial;
  await database.observer.query(RESET);
  const cases = histories.map(prepareCase);
  const send = (messages: (each: Case) => Message[]) =>
    forEachOf(cases, (each) => deliver(subject.receive, lanesOf(messages(each)), database, counts));

  await send(({ on }) => on.sent);
  await settle(trial);
  const found = await compare(trial, cases, "after the messages", ({ on }) =>
    afterMessages(on.sent),
  );
  if (subject.reconcile) {
    setClerkLists(testbed, cases);
    const reason = await subject.reconcile().catch((error: unknown) => String(error));
    if (reason) return cases.map(({ simulation }) => reconciliationFailure(reason, simulation));
    // Sends the late messages, and repeats the messages that have three copies: Svix may retry a message for days.
    await send(({ on }) => [...on.late, ...on.sent.filter(({ plan }) => plan.copies.length === 3)]);
    await settle(trial);
    const when = "after the reconciliation";
    const later = await compare(trial, cases, when, ({ simulation }) =>
      afterReconciliation(simulation),
    );
    for (const [each, divergence] of later) if (!found.has(each)) found.set(each, divergence);
  }
  return cases.map((each) => found.get(each) ?? null);
}
