/**
 * Registers handlers for changes of mirrored objects: `onUser("created", "send-welcome", async ({ current, key }) => …)`. A
 * handler runs at least once for each committed change, with the same `key` in every try, and in order for each object.
 */
import type { Cause } from "../sync/mirror/cause";
import type { ChangeKind, EffectObject, EffectTable, ObjectColumn } from "./object";

type Common = {
  /** The same for every try of this handler for this change: pass it on as an idempotency key. */
  key: string;
  cause: Cause;
  /** The time of the change, by Clerk's clock. */
  occurredAt: Date;
  /**
   * Aborted at the handler's deadline: the try then counts as failed, even if the handler still returns. Also aborted when the
   * runner no longer holds the job: another runner may have taken the job over.
   */
  signal: AbortSignal;
};

type Versions<T extends EffectTable> = {
  created: { previous: null; current: EffectObject<T>; changed: [] };
  updated: { previous: EffectObject<T>; current: EffectObject<T>; changed: ObjectColumn<T>[] };
  deleted: { previous: EffectObject<T>; current: null; changed: [] };
};

/** The argument of a handler for one kind of object, such as users, and one kind of change, such as `created`. */
export type Effect<T extends EffectTable, K extends ChangeKind> = Common & Versions<T>[K];

/** The argument of a handler that receives the changes of all objects, such as the change feed. */
export type AnyEffect = {
  [T in EffectTable]: {
    [K in ChangeKind]: { table: T; change: K } & Effect<T, K>;
  }[ChangeKind];
}[EffectTable];

export type HandlerOptions = {
  /** The deadline of one try, in ms. The try fails if the handler takes longer. */
  deadlineMs?: number;
  /** The maximum number of concurrent calls in one process. */
  concurrency?: number;
  /** The number of failed tries after which the job becomes a dead letter. */
  maxAttempts?: number;
  /** Returns the delay in ms before the next try, after `attempts` failed tries. */
  backoffMs?: (attempts: number) => number;
};

export type Subscription = { table: EffectTable; change: ChangeKind };

/** A registered handler, in the form that the runner calls. */
export type Handler = HandlerOptions & {
  name: string;
  subscriptions: readonly Subscription[];
  run(effect: AnyEffect): Promise<void>;
};

function on<T extends EffectTable>(table: T) {
  return <K extends ChangeKind>(
    change: K,
    name: string,
    handle: (effect: Effect<T, K>) => Promise<void>,
    options: HandlerOptions = {},
  ): Handler => ({
    ...options,
    name,
    subscriptions: [{ table, change }],
    run: async (effect) => {
      if (!isEffectOf(effect, table, change)) throw new WrongEffect(name);
      await handle(effect);
    },
  });
}

/**
 * Thrown when a job has another kind of object or change than its handler is registered for. This happens when a handler is given
 * the name of an earlier handler.
 */
class WrongEffect extends Error {
  override name = "WrongEffect";
  constructor(handler: string) {
    super(`The job is not about what the handler ${handler} is registered for.`);
  }
}

function isEffectOf<T extends EffectTable, K extends ChangeKind>(
  effect: Common & Subscription,
  table: T,
  change: K,
): effect is Subscription & Effect<T, K> {
  return effect.table === table && effect.change === change;
}

export const onUser = on("users");
export const onOrganization = on("organizations");
export const onMembership = on("memberships");
export const onInvitation = on("invitations");
