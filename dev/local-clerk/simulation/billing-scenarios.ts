// The scenarios of a simulated subscription, and the events that Clerk Billing sends for each.

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
  /** The name of the scenario on the control page. */
  label: string;
  charge?: { type: "checkout" | "recurring"; outcome: "paid" | "failed" };
  isNew?: boolean;
  isTrial?: boolean;
  /** The status of the subscription item after the scenario. */
  item: Status;
  itemEvent: EventType;
  /** The status of the subscription after the scenario, if the scenario also sends a subscription event. */
  subscription?: Exclude<Status, "upcoming">;
  subscriptionEvent?: EventType;
};

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
    label: "Abandons the checkout",
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
    label: "Renews the plan",
    charge: { type: "recurring", outcome: "paid" },
    item: "active",
    itemEvent: "subscriptionItem.updated",
    subscription: "active",
    subscriptionEvent: "subscription.updated",
  },
  pastDue: {
    label: "Renews the plan; the card is declined",
    charge: { type: "recurring", outcome: "failed" },
    item: "past_due",
    itemEvent: "subscriptionItem.pastDue",
    subscription: "past_due",
    subscriptionEvent: "subscription.pastDue",
  },
  upcoming: {
    label: "Switches to another plan next month",
    item: "upcoming",
    itemEvent: "subscriptionItem.upcoming",
    subscription: "active",
    subscriptionEvent: "subscription.updated",
  },
  canceled: {
    label: "Cancels; the plan stays active until the month ends",
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
