/** Schemas of Clerk's billing objects in webhooks: only the fields that the mirror reads. */
import { z } from "zod";
import { id, idOrNull, millisecondsOrNull, text, textOrNull } from "./scalars";

const payer = z.object({ user_id: idOrNull, organization_id: idOrNull }).nullish();
const amount = z.number().int().nullish();
const plan = z.object({ name: textOrNull, amount, currency: textOrNull }).nullish();

export const clerkPaymentAttempt = z.object({
  id,
  payment_id: idOrNull,
  status: textOrNull,
  charge_type: textOrNull,
  payer,
  totals: z.object({ grand_total: z.object({ amount, currency: textOrNull }).nullish() }).nullish(),
  subscription_items: z.array(z.object({ plan })).nullish(),
  failed_reason: z.object({ code: text }).nullish(),
  billing_date: millisecondsOrNull,
  paid_at: millisecondsOrNull,
  failed_at: millisecondsOrNull,
  created_at: millisecondsOrNull,
  updated_at: millisecondsOrNull,
});
export type ClerkPaymentAttempt = z.output<typeof clerkPaymentAttempt>;

export const clerkSubscription = z.object({
  id,
  payer,
  status: textOrNull,
  latest_payment_id: idOrNull,
  active_at: millisecondsOrNull,
  past_due_at: millisecondsOrNull,
  canceled_at: millisecondsOrNull,
  ended_at: millisecondsOrNull,
  created_at: millisecondsOrNull,
  updated_at: millisecondsOrNull,
});
export type ClerkSubscription = z.output<typeof clerkSubscription>;

export const clerkSubscriptionItem = z.object({
  id,
  subscription_id: idOrNull,
  payer,
  plan_id: idOrNull,
  plan,
  status: textOrNull,
  is_free_trial: z.boolean().nullish(),
  interval: textOrNull,
  period_start: millisecondsOrNull,
  period_end: millisecondsOrNull,
  created_at: millisecondsOrNull,
  updated_at: millisecondsOrNull,
});
export type ClerkSubscriptionItem = z.output<typeof clerkSubscriptionItem>;
