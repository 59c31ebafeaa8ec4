/**
 * The cause of a change to a mirrored row, for the team's effects. A statement of `apply.ts` sets its cause in a setting of the
 * transaction. The triggers of migration `effects` read the setting, and add the jobs of the subscribed handlers in the same
 * statement.
 * A write without a cause adds no jobs. So a rebuild, a replay or an edit by hand has no effects by default.
 */

/** `account`: the user deleted the account on the account page. */
export type Cause =
  | "webhook"
  | "provisioning"
  | "account"
  | "reconciliation"
  | "backfill"
  | "replay";

/** Defines which changes of a reconciliation add effects. */
export type EffectSource = {
  /** The cause of the effects. If null, the changes add no effects. */
  cause: Cause | null;
  /** Objects that were created at Clerk before this time add no `created` effect. Null for no limit. */
  createdSince: Date | null;
};

/**
 * Returns a FROM item that sets the transaction's cause. `cause` is a SQL expression. If its value is an empty string, the
 * changes add no effects.
 */
export const withCause = (cause: string) =>
  `(SELECT set_config('rollcall.effect_cause', ${cause}, true)) AS with_cause`;

/**
 * Like {@link withCause}, for a reconciliation. The arguments are SQL expressions. An empty `createdSince` means that there is no
 * limit, as in {@link EffectSource}.
 */
export const withEffectSource = (cause: string, createdSince: string, runId: string) =>
  `(SELECT set_config('rollcall.effect_cause', ${cause}, true),
    set_config('rollcall.effects_created_since', ${createdSince}, true),
    set_config('rollcall.effect_run', 'run-' || ${runId}, true)) AS with_effect_source`;
