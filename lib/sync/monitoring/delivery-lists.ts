/**
 * The lists of deliveries that an admin may have to act on. The counts of Health, the lists of the console and the selections of
 * `npm run replay` use the same predicate. So a count is always the length of its list.
 */
import type { Prisma } from "../../generated/prisma/client";
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

export function inDeliveryList(list: DeliveryList, now = new Date()): Prisma.DeliveryWhereInput {
  switch (list) {
    case "partial":
      return { outcome: { in: ["applied", "stale"] }, unread: { not: null } };
    case "unknown":
      return {
        outcome: "ignored",
        receivedAt: { gt: new Date(now.getTime() - DAY_MS) },
        type: { notIn: Object.keys(eventHandling) },
      };
    default:
      return { outcome: list };
  }
}

/** Selects users whose data could not be fetched from Clerk after they signed in. */
export const failedProvisionings = {
  failedAt: { not: null },
} satisfies Prisma.ProvisioningWhereInput;
