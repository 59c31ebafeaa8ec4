/**
 * Generates random histories. A history is a list of actions at Clerk, with a delivery plan for each message that they cause.
 * Simple values come first in each list, because fast-check shrinks towards the first value.
 */
import fc from "fast-check";

const kinds = [
  "update user",
  "create organization",
  "join",
  "rename organization",
  "swap e-mails",
  "swap usernames",
  "swap slugs",
  "ban or unban",
  "change attributes",
  "change attributes",
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
  /** A slot holds one user (or organization). An action on an empty slot creates the object first. */
  userSlot: fc.nat(2),
  organizationSlot: fc.nat(1),
  variant: fc.nat(3),
  /** Clerk's clock advances by this number of ms before the action. With 0, two states may share one `updated_at`. */
  delayMs: fc.constantFrom(1, 0, 3, 400, 1_000, 60_000),
  /** True if the change leaves `updated_at` unchanged. */
  keepsStamp: fc.constantFrom(false, false, false, false, false, true),
});
export type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

const plan = fc.record({
  /** The copies of the message, each sent by one of four parallel lanes. A lane sends its copies in ascending order of `at`. */
  copies: fc.array(fc.record({ lane: fc.nat(3), at: fc.nat(999) }), {
    minLength: 1,
    maxLength: 3,
  }),
  /** "lost" is never delivered; "late" is delivered after a reconciliation. */
  dispatch: fc.constantFrom("sent", "sent", "sent", "sent", "sent", "late", "lost"),
  /** How the connection to the database breaks while the first copy is handled. */
  crash: fc.oneof(
    { weight: 24, arbitrary: fc.constant("none") },
    { weight: 1, arbitrary: fc.constantFrom("before commit", "after commit", "any backend") },
  ),
  /** A prefix of the svix-id, so that the order of svix-ids is independent of the order of events. */
  rank: fc.nat(99),
  /** The time in ms from the change to the event's own timestamp. */
  lagMs: fc.constantFrom(0, 0, 2, 700),
});
export type DeliveryPlan = typeof plan extends fc.Arbitrary<infer T> ? T : never;

export const history = fc.record({
  actions: fc.array(action, { minLength: 1, maxLength: 12, size: "max" }),
  /** The n-th event gets plan n, modulo the number of plans. */
  plans: fc.array(plan, { minLength: 1, maxLength: 24, size: "max" }),
  /** The unit of the timestamps. Clerk's docs say milliseconds; the examples in its OpenAPI description have seconds. */
  timestampsIn: fc.constantFrom("ms", "ms", "ms", "s"),
});
export type History = typeof history extends fc.Arbitrary<infer T> ? T : never;
