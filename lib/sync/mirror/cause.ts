/**
 * Why a mirrored row changed, for the team's effects. A guarded write names its cause in a setting of its transaction; the
 * triggers of migration `effects` read it, and add the jobs of the subscribed handlers in the same statement. A write
 * without a cause adds none: a rebuild, a replay or an edit by hand is silent by default.
 */

export type Cause = "webhook" | "provisioning" | "reconciliation" | "backfill" | "replay";

/** What a reconciliation adds effects for. */
export type EffectSource = {
  /** Null for no effects. */
  cause: Cause | null;
  /** Objects that Clerk created earlier have no `created` effect. Null for no limit. */
  createdSince: Date | null;
};

/** A FROM item. The argument is SQL, a text that is empty for no effects. */
export const withCause = (cause: string) =>
  `(SELECT set_config('rollcall.effect_cause', ${cause}, true)) AS with_cause`;

/** A FROM item. The arguments are SQL: two texts that may be empty, and the id of the run. */
export const withEffectSource = (cause: string, createdSince: string, runId: string) =>
  `(SELECT set_config('rollcall.effect_cause', ${cause}, true),
    set_config('rollcall.effects_created_since', ${createdSince}, true),
    set_config('rollcall.effect_run', 'run-' || ${runId}, true)) AS with_effect_source`;
