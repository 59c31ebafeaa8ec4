/** A random history: what people do at Clerk, and what becomes of each message about it on the way. Shrinks well. */
import fc from "fast-check";

export const kinds = [
  "update user",
  "create organization",
  "join",
  "rename organization",
  "swap e-mails",
  "swap usernames",
  "swap slugs",
  "ban or unban",
  "change role",
  "leave",
  "leave and re-join",
  "invite",
  "answer invitation",
  "delete user",
  "delete organization",
  "delete and re-create user",
] as const;

const action = fc.record({
  kind: fc.constantFrom(...kinds),
  /** Who: a slot that is filled when it is empty. */
  who: fc.nat(2),
  where: fc.nat(1),
  variant: fc.nat(3),
  /** Clerk's clock goes on by so many ms before. At 0 two states may carry the same stamp. */
  after: fc.constantFrom(1, 0, 3, 400, 1_000, 60_000),
  /** A change that leaves `updated_at` as it was. */
  keepsStamp: fc.constantFrom(false, false, false, false, false, true),
});
export type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

const fate = fc.record({
  /** Each copy is sent by one of four lanes; a lane sends in the order of `at`. */
  copies: fc.array(fc.record({ lane: fc.nat(3), at: fc.nat(999) }), {
    minLength: 1,
    maxLength: 3,
  }),
  /** Lost for good; or so late that a reconciliation came first. */
  road: fc.constantFrom("sent", "sent", "sent", "sent", "sent", "late", "lost"),
  /** What breaks while the first copy is handled. */
  crash: fc.oneof(
    { weight: 24, arbitrary: fc.constant("none") },
    { weight: 1, arbitrary: fc.constantFrom("before commit", "after commit", "any backend") },
  ),
  /** Places the svix-id among the others: ids do not follow time. */
  rank: fc.nat(99),
  /** The event's own timestamp is so many ms behind the change. */
  lag: fc.constantFrom(0, 0, 2, 700),
});
export type Fate = typeof fate extends fc.Arbitrary<infer T> ? T : never;

export const history = fc.record({
  actions: fc.array(action, { minLength: 1, maxLength: 12, size: "max" }),
  /** Of the n-th event, counted around. */
  fates: fc.array(fate, { minLength: 1, maxLength: 24, size: "max" }),
  /** Clerk's docs say milliseconds, the examples of its API description carry seconds. */
  timestampsIn: fc.constantFrom("ms", "ms", "ms", "s"),
});
export type History = typeof history extends fc.Arbitrary<infer T> ? T : never;
