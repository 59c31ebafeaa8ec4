/**
 * Why a mirrored row changed, for the team's effects. A guarded write names its cause in a setting of its transaction; the
 * triggers of migration `effects` read it, and add the jobs of the subscribed handlers in the same statement. A write
 * without a cause adds none: a rebuild, a replay or an edit by hand is silent by default.
 */

export type Cause = "webhook" | "provisioning" | "reconciliation" | "backfill" | "replay";

/** Which changes of a reconciliation add effects. */
export type EffectSource = {
  /** Null for no effects. */
  cause: Cause | null;
  /** Objects that Clerk created earlier have no `created` effect. Null for no limit. */
  createdSince: Date | null;
};

/** Returns a FROM item that sets the transaction's cause. `cause` is a SQL expression; an empty string adds no effects. */
export const withCause = (cause: string) =>
  `(SELECT set_config('rollcall.effect_cause', ${cause}, true)) AS with_cause`;

/** Like {@link withCause}, for a reconciliation. The arguments are SQL expressions; the first two may be empty strings. */
export const withEffectSource = (cause: string, createdSince: string, runId: string) =>
  `(SELECT set_config('rollcall.effect_cause', ${cause}, true),
    set_config('rollcall.effects_created_since', ${createdSince}, true),
    set_config('rollcall.effect_run', 'run-' || ${runId}, true)) AS with_effect_source`;
