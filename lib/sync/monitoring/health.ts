/**
 * The health of the sync: its verdict and its figures. Reads only the database. If that fails, the verdict is the database fault.
 */
import { singleFlight } from "../../coalesce";
import { type DatabaseFaultKind, explainDatabaseError } from "../../database-fault";
import { type ConnectionMode, database } from "../../db";
import { log } from "../../log";
import type { Facts } from "./facts";
import { findFacts } from "./find-facts";
import { assess, assessFault, type Verdict } from "./verdict";

export type Figures = Facts & { lastRun: Awaited<ReturnType<typeof findFacts>>["lastRun"] };

export type Health = Verdict & {
  /** The time of the verdict: by the database's clock, or by this process's clock if the database did not respond. */
  at: Date;
  /** Whether this process reaches the database directly or through a pooler. */
  mode: ConnectionMode;
  databaseFault: DatabaseFaultKind | null;
  /** The figures of the page Sync; null if the database could not be read. */
  figures: Figures | null;
};

/** Judges the sync from the facts in the database. `at` replaces the database's clock, for tests. */
export async function findHealth(at?: Date): Promise<Health> {
  try {
    const { facts, lastRun } = await findFacts(at);
    const { mode } = facts.database;
    const figures = { ...facts, lastRun };
    return { ...assess(facts), at: facts.now, mode, databaseFault: null, figures };
  } catch (error) {
    const fault = explainDatabaseError(error);
    log.error(`the state of the sync cannot be read. ${fault.sentence} ${fault.remedy}`, {}, error);
    const { mode } = database();
    return {
      ...assessFault(fault),
      at: new Date(),
      mode,
      databaseFault: fault.kind,
      figures: null,
    };
  }
}

/**
 * Like {@link findHealth}, but parallel callers share one result, so that a flood of probes does not use up the connections of
 * the webhooks.
 */
export const sharedHealth = singleFlight(() => findHealth());
