// What may happen to a subscription, and the events that are sent of it.

import { z } from "zod";
import type { EventType } from "../webhooks/events";

export type Status =
  | "abandoned"
  | "active"
  | "canceled"
  | "ended"
  | "incomplete"
  | "past_due"
  | "upcoming";

export type BillingScenario = {
  /** As the page says it. */
  label: string;
  charge?: { type: "checkout" | "recurring"; outcome: "paid" | "failed" };
  isNew?: boolean;
  isTrial?: boolean;
  /** How the item stands after it. */
  item: Status;
  itemEvent: EventType;
  /** How the subscription stands, when that is told too. */
  subscription?: Exclude<Status, "upcoming">;
  subscriptionEvent?: EventType;
};

/** What may happen, and what is sent of it. */
export const scenarios = {
  paid: {
    label: "Buys a plan",
    charge: { type: "checkout", outcome: "paid" },
    isNew: true,
    item: "active",
    itemEvent: "subscriptionItem.active",
    subscription: "active",
    subscriptionEvent: "subscription.active",
  },
  failed: {
    label: "Buys a plan; the card is declined",
    charge: { type: "checkout", outcome: "failed" },
    isNew: true,
    item: "incomplete",
    itemEvent: "subscriptionItem.incomplete",
    subscription: "incomplete",
    subscriptionEvent: "subscription.updated",
  },
  abandoned: {
    label: "Leaves the checkout",
    item: "abandoned",
    itemEvent: "subscriptionItem.abandoned",
    subscription: "abandoned",
    subscriptionEvent: "subscription.updated",
  },
  freeTrialEnding: {
    label: "The free trial is about to end",
    isTrial: true,
    item: "active",
    itemEvent: "subscriptionItem.freeTrialEnding",
  },
  renewed: {
    label: "Pays for another month",
    charge: { type: "recurring", outcome: "paid" },
    item: "active",
    itemEvent: "subscriptionItem.updated",
    subscription: "active",
    subscriptionEvent: "subscription.updated",
  },
  pastDue: {
    label: "Another month; the card is declined",
    charge: { type: "recurring", outcome: "failed" },
    item: "past_due",
    itemEvent: "subscriptionItem.pastDue",
    subscription: "past_due",
    subscriptionEvent: "subscription.pastDue",
  },
  upcoming: {
    label: "Chooses another plan from next month on",
    item: "upcoming",
    itemEvent: "subscriptionItem.upcoming",
    subscription: "active",
    subscriptionEvent: "subscription.updated",
  },
  canceled: {
    label: "Cancels; it goes on until the month is over",
    item: "canceled",
    itemEvent: "subscriptionItem.canceled",
    subscription: "canceled",
    subscriptionEvent: "subscription.updated",
  },
  ended: {
    label: "The subscription ends",
    item: "ended",
    itemEvent: "subscriptionItem.ended",
    subscription: "ended",
    subscriptionEvent: "subscription.updated",
  },
} satisfies Record<string, BillingScenario>;

export const scenarioNames = z.enum([
  "paid",
  "failed",
  "abandoned",
  "freeTrialEnding",
  "renewed",
  "pastDue",
  "upcoming",
  "canceled",
  "ended",
] satisfies (keyof typeof scenarios)[]);
