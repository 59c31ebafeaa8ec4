/**
 * Defines an action that a guest may start and that runs after sign-in. To add one, call `guardedAction(…)` and list it in
 * `registry.ts`.
 */
import type { z } from "zod";
import type { Queryable } from "../db";

/**
 * `changed`: the action changed something, so undo is offered if the action has `undo`. `already`: there was nothing to change,
 * which counts as success.
 */
export type Performed = "changed" | "already" | { refused: string };

type Definition<Args> = {
  args: z.ZodType<Args>;
  /** Returns what the action will do, as the end of "Sign in to …"; null if the action's object does not exist. */
  purpose: (db: Queryable, args: Args) => Promise<string | null> | string | null;
  /** A sentence for the user that says what was done. */
  done: (db: Queryable, args: Args, userId: string) => Promise<string> | string;
  /** Checks access and existence again, then makes the change. Runs inside the transaction that claims the intent. */
  perform: (db: Queryable, userId: string, args: Args) => Promise<Performed>;
  /** Reverts `perform`. After a sign-in, an action without `undo` runs only with confirmation. */
  undo?: (db: Queryable, userId: string, args: Args) => Promise<void>;
};

/** An action together with its parsed arguments. */
export type BoundAction = {
  args: unknown;
  purpose: (db: Queryable) => Promise<string | null>;
  done: (db: Queryable, userId: string) => Promise<string>;
  perform: (db: Queryable, userId: string) => Promise<Performed>;
  /** Reverts the action; null for an action that cannot be undone. */
  undo: ((db: Queryable, userId: string) => Promise<void>) | null;
};

export type GuardedAction<Name extends string = string, Args = unknown> = {
  name: Name;
  schema: z.ZodType<Args>;
  /** Returns null if `args` are not valid arguments of the action. */
  bind: (args: unknown) => BoundAction | null;
};

export function guardedAction<Name extends string, Args>(
  name: Name,
  { args: schema, purpose, done, perform, undo }: Definition<Args>,
): GuardedAction<Name, Args> {
  return {
    name,
    schema,
    bind: (value) => {
      const { data: args, success } = schema.safeParse(value);
      if (!success) return null;
      return {
        args,
        purpose: async (db) => purpose(db, args),
        done: async (db, userId) => done(db, args, userId),
        perform: (db, userId) => perform(db, userId, args),
        undo: undo ? (db, userId) => undo(db, userId, args) : null,
      };
    },
  };
}
