/**
 * The lists of deliveries that an admin may have to act on. Health's counts, the console's list and the selections of a replay
 * share one condition for each list. So a count is always the length of its list.
 */
import { Prisma } from "../../generated/prisma/client";
import { eventHandling } from "../event/event-types";

/**
 * - `pending`: recorded but not applied yet; the worker retries them.
 * - `dead`: dead letters, which failed in their last try.
 * - `quarantined`: from another Clerk instance.
 * - `unreadable`: the id, the version or a required attribute could not be read, so nothing was applied.
 * - `partial`: applied, but some attributes could not be read and are null in the mirror.
 * - `unknown`: received in the last 24 h, of a type that this release does not know.
 */
export const deliveryLists = [
  "pending",
  "dead",
  "quarantined",
  "unreadable",
  "partial",
  "unknown",
] as const;
export type DeliveryList = (typeof deliveryLists)[number];

export const DAY_MS = 24 * 60 * 60_000;

/**
 * `dead`: a dead letter, which failed in its last try. `quarantined`: a delivery of another Clerk instance. `discarded`: an
 * operator decided not to apply the delivery.
 */
export const storedOutcomes = [
  "applied",
  "stale",
  "ignored",
  "unreadable",
  "quarantined",
  "pending",
  "dead",
  "discarded",
] as const;
export type StoredOutcome = (typeof storedOutcomes)[number];

/** Returns the SQL condition that selects the rows of `deliveries` in this list. */
export function inDeliveryList(list: DeliveryList, now = new Date()): Prisma.Sql {
  switch (list) {
    case "partial":
      return Prisma.sql`outcome IN ('applied', 'stale') AND unread IS NOT NULL`;
    case "unknown":
      return Prisma.sql`outcome = 'ignored' AND received_at > ${new Date(now.getTime() - DAY_MS)}
        AND type <> ALL (${Object.keys(eventHandling)}::text[])`;
    default:
      return Prisma.sql`outcome = ${list}`;
  }
}

/** Selects users whose data could not be fetched from Clerk after they signed in. */
export const failedProvisionings = {
  failedAt: { not: null },
} satisfies Prisma.ProvisioningWhereInput;
