// Simulates Clerk Billing: emits the events of a subscription, from the first payment to its end. It stores no plans,
// subscriptions or payments.

import { z } from "zod";
import type { ClerkContext } from "../context";
import { notFound } from "../errors";
import { derivedId, newId } from "../ids";
import { organizationImageUrl } from "../resources/organization";
import { primaryEmail, userImageUrl } from "../resources/public-user";
import { emit } from "../webhooks/events";
import { type BillingScenario, type Status, scenarioNames, scenarios } from "./billing-scenarios";

export const paymentEvents = scenarioNames.options.map((name) => ({
  name,
  label: scenarios[name].label,
}));

export const paymentShape = z.strictObject({
  userId: z.string(),
  organizationId: z.string().nullish(),
  event: scenarioNames.default("paid"),
  planSlug: z.string().default("pro"),
  planName: z.string().default("Pro"),
  /** The price in cents. */
  amount: z.number().int().min(0).default(2_500),
  currency: z.string().length(3).default("USD"),
});
export type NewPayment = z.input<typeof paymentShape>;
type Payment = z.output<typeof paymentShape>;

const monthMs = 30 * 86_400_000;

export function simulatePayment(context: ClerkContext, payment: Payment): { paymentId: string } {
  const now = context.clock.now();
  const scenario: BillingScenario = scenarios[payment.event];
  const paymentId = newId("payment", now);
  const payer = payerOf(context, payment);
  const before = itemOf(context, payment, derivedId("csub", payer.id));
  const item = { ...before, status: scenario.item, is_free_trial: scenario.isTrial ?? false };
  context.state.change(() => {
    if (scenario.isNew) {
      const fresh = subscription(context, payer, { ...item, status: "incomplete" }, paymentId);
      emit(context, "subscription.created", { ...fresh, status: "incomplete", active_at: null });
    }
    if (scenario.charge)
      charge(context, payment, scenario.charge, { paymentId, payer, item: before });
    emit(context, scenario.itemEvent, { ...item, payer });
    if (!scenario.subscription || !scenario.subscriptionEvent) return;
    const after = subscription(context, payer, item, paymentId);
    emit(context, scenario.subscriptionEvent, { ...after, ...stamps(scenario.subscription, now) });
  });
  return { paymentId };
}

function stamps(status: Exclude<Status, "upcoming">, now: number) {
  const at = (...ones: Status[]) => (ones.includes(status) ? now : null);
  return {
    status,
    active_at: at("active", "past_due", "canceled", "ended"),
    past_due_at: at("past_due"),
    canceled_at: at("canceled", "ended"),
    ended_at: at("ended"),
  };
}

type Charged = { paymentId: string; payer: Payer; item: Item };

function charge(
  context: ClerkContext,
  payment: Payment,
  { type, outcome }: NonNullable<BillingScenario["charge"]>,
  charged: Charged,
): void {
  const now = context.clock.now();
  const attempt = { ...attemptOf(context, payment, charged), charge_type: type };
  const open = { status: "pending", paid_at: null, failed_at: null, failed_reason: null };
  const declined = { code: "card_declined", decline_code: "insufficient_funds" };
  const settled =
    outcome === "paid"
      ? { ...open, status: outcome, paid_at: now }
      : { ...open, status: outcome, failed_at: now, failed_reason: declined };
  emit(context, "paymentAttempt.created", { ...attempt, ...open });
  emit(context, "paymentAttempt.updated", { ...attempt, ...settled });
}

function payerOf(context: ClerkContext, { userId, organizationId }: Payment) {
  const user = context.state.users.get(userId);
  if (!user) throw notFound("user", userId);
  const organization = organizationId ? context.state.organizations.get(organizationId) : undefined;
  if (organizationId && !organization) throw notFound("organization", organizationId);
  return {
    object: "commerce_payer",
    instance_id: context.keys.instanceId,
    id: derivedId("cpayer", organization?.id ?? user.id),
    image_url: organization
      ? organizationImageUrl(context, organization)
      : userImageUrl(context, user),
    user_id: user.id,
    first_name: user.firstName ?? "",
    last_name: user.lastName ?? "",
    email: primaryEmail(user)?.address ?? "",
    organization_id: organization?.id ?? "",
    organization_name: organization?.name ?? "",
    created_at: user.createdAt,
    updated_at: user.updatedAt,
  };
}

function amountOf({ amount, currency }: Payment, value = amount) {
  const formatted = (value / 100).toFixed(2);
  const symbol = currency === "USD" ? "$" : currency;
  return { amount: value, amount_formatted: formatted, currency, currency_symbol: symbol };
}

function itemOf(context: ClerkContext, payment: Payment, subscriptionId: string) {
  const now = context.clock.now();
  const { amount, currency, planSlug, planName } = payment;
  return {
    object: "commerce_subscription_item",
    id: derivedId("csubi", `${subscriptionId}:${planSlug}`),
    status: "active",
    is_free_trial: false,
    created_at: now,
    updated_at: now,
    period_start: now,
    period_end: now + monthMs,
    interval: "month",
    plan_id: derivedId("cplan", planSlug),
    plan: {
      id: derivedId("cplan", planSlug),
      slug: planSlug,
      name: planName,
      is_recurring: true,
      amount,
      currency,
    },
    subscription_id: subscriptionId,
  };
}

type Payer = ReturnType<typeof payerOf>;
type Item = ReturnType<typeof itemOf>;

function attemptOf(context: ClerkContext, payment: Payment, { paymentId, payer, item }: Charged) {
  const now = context.clock.now();
  return {
    object: "commerce_payment_attempt",
    id: newId("payatt", now),
    instance_id: context.keys.instanceId,
    payment_id: paymentId,
    invoice_id: derivedId("inv", paymentId),
    statement_id: derivedId("stmt", paymentId),
    gateway_external_id: `pi_${paymentId}`,
    created_at: now,
    updated_at: now,
    billing_date: now,
    payee: {
      id: derivedId("cpayee", context.keys.instanceId),
      gateway_type: "stripe",
      gateway_external_id: "acct_local",
      gateway_status: "active",
    },
    payer,
    totals: {
      subtotal: amountOf(payment),
      tax_total: amountOf(payment, 0),
      grand_total: amountOf(payment),
    },
    payment_source: {
      id: derivedId("paysrc", payer.id),
      gateway: "stripe",
      gateway_external_id: "pm_local",
      gateway_external_account_id: null,
      payment_method: "card",
      status: "active",
      card_type: "visa",
      last4: "4242",
    },
    subscription_items: [{ ...item, status: "active", amount: amountOf(payment) }],
  };
}

function subscription(
  context: ClerkContext,
  payer: Payer,
  item: Omit<Item, "status"> & { status: string },
  paymentId: string,
) {
  const now = context.clock.now();
  return {
    object: "commerce_subscription",
    id: item.subscription_id,
    ...stamps("active", now),
    created_at: now,
    updated_at: now,
    latest_payment_id: paymentId,
    payer_id: payer.id,
    payer,
    payment_source_id: derivedId("paysrc", payer.id),
    items: [item],
  };
}
