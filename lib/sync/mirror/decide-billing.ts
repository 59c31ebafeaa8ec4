/** Turns billing events into changes: the rows to write, with their versions. Pure. */

import type {
  ClerkPaymentAttempt,
  ClerkSubscription,
  ClerkSubscriptionItem,
} from "../event/billing";
import type { Change } from "./columns";
import { rowVersion, type Source } from "./version";

const payerOf = (object: {
  payer?: { user_id: string | null; organization_id: string | null } | null;
}) => ({
  user_id: object.payer?.user_id ?? null,
  organization_id: object.payer?.organization_id ?? null,
});

export function paymentAttemptChange(attempt: ClerkPaymentAttempt, source: Source): Change {
  const { payer, totals, subscription_items, failed_reason, ...columns } = attempt;
  const plans = subscription_items?.flatMap((item) => item.plan?.name ?? []) ?? [];
  return {
    table: "payment_attempts",
    row: {
      ...columns,
      ...rowVersion(attempt.updated_at, source),
      ...payerOf(attempt),
      amount: totals?.grand_total?.amount ?? null,
      currency: totals?.grand_total?.currency ?? null,
      plans,
      failed_reason: failed_reason?.code ?? null,
    },
  };
}

export function subscriptionChange(subscription: ClerkSubscription, source: Source): Change {
  const { payer, ...columns } = subscription;
  return {
    table: "subscriptions",
    row: { ...columns, ...rowVersion(subscription.updated_at, source), ...payerOf(subscription) },
  };
}

export function subscriptionItemChange(item: ClerkSubscriptionItem, source: Source): Change {
  const { payer, plan, is_free_trial, ...columns } = item;
  return {
    table: "subscription_items",
    row: {
      ...columns,
      ...rowVersion(item.updated_at, source),
      ...payerOf(item),
      plan_name: plan?.name ?? null,
      is_free_trial: is_free_trial ?? false,
      amount: plan?.amount ?? null,
      currency: plan?.currency ?? null,
    },
  };
}
