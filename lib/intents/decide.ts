/**
 * Decides what happens to an intent once its browser is signed in: it runs, needs confirmation or is refused. `decide` is pure.
 * `run.ts` carries out the decision, and makes sure that an intent runs only once.
 */

/** An intent older than this needs confirmation: another person may use the browser now, or the user may have forgotten it. */
export const STALE_AFTER_MS = 10 * 60_000;
export const EXPIRES_AFTER_MS = 30 * 60_000;
export const UNDO_WITHIN_MS = 10 * 60_000;

export type IntentRow = {
  id: string;
  action: string;
  args: unknown;
  madeAt: Date;
  /** If a session had ended when the intent was made: the user of that session. Null for a guest. */
  madeBy: string | null;
  expiresAt: Date;
  state: "pending" | "done" | "refused" | "discarded" | "undone";
  userId: string | null;
  changed: boolean;
  /** The database's time when the row was read. */
  readAt: Date;
};

export type Runner = {
  userId: string;
  isImpersonated: boolean;
};

export type Ask = "stale" | "other-account" | "irreversible" | "impersonation";

export type Decision =
  | { kind: "run" }
  | { kind: "ask"; why: Ask }
  /** The intent has already run as the same user. */
  | { kind: "ran" }
  | { kind: "refuse"; why: "expired" | "used" };

export function decide(
  intent: IntentRow,
  runner: Runner,
  { isUndoable, isConfirmed }: { isUndoable: boolean; isConfirmed: boolean },
): Decision {
  if (intent.state !== "pending") {
    const isSame = intent.userId === runner.userId;
    return intent.state === "done" && isSame ? { kind: "ran" } : { kind: "refuse", why: "used" };
  }
  if (intent.readAt >= intent.expiresAt) return { kind: "refuse", why: "expired" };
  if (isConfirmed) return { kind: "run" };
  if (runner.isImpersonated) return { kind: "ask", why: "impersonation" };
  if (intent.madeBy !== null && intent.madeBy !== runner.userId)
    return { kind: "ask", why: "other-account" };
  if (!isUndoable) return { kind: "ask", why: "irreversible" };
  if (intent.readAt.getTime() - intent.madeAt.getTime() > STALE_AFTER_MS)
    return { kind: "ask", why: "stale" };
  return { kind: "run" };
}
