// A payment that is only said to have happened: the events that Clerk Billing sends around one, which is
// how an app hears of a purchase. No money, no plans, no state.

import { z } from "zod";
import { notFound } from "./errors";
import { emit } from "./events";
import { derivedId, newId } from "./ids";
import { organizationImageUrl } from "./resources/organization";
import { primaryEmail, userImageUrl } from "./resources/public-user";
import type { World } from "./world";

export const paymentShape = z.object({
  userId: z.string(),
  organizationId: z.string().nullish(),
  planSlug: z.string().default("pro"),
  planName: z.string().default("Pro"),
  /** Cents. */
  amount: z.number().int().min(0).default(2_500),
  currency: z.string().length(3).default("USD"),
  outcome: z.enum(["paid", "failed"]).default("paid"),
  chargeType: z.enum(["checkout", "recurring"]).default("checkout"),
});
export type NewPayment = z.input<typeof paymentShape>;
type Payment = z.output<typeof paymentShape>;

const monthMs = 30 * 86_400_000;

export function simulatePayment(world: World, payment: Payment): { paymentId: string } {
  const now = world.clock.now();
  const paymentId = newId("payment", now);
  const payer = payerOf(world, payment);
  const subscriptionId = derivedId("csub", payer.id);
  const item = itemOf(world, payment, subscriptionId);
  const attempt = (status: "pending" | "paid" | "failed") => ({
    ...attemptOf(world, payment, { paymentId, payer, item }),
    status,
    paid_at: status === "paid" ? now : null,
    failed_at: status === "failed" ? now : null,
    failed_reason:
      status === "failed" ? { code: "card_declined", decline_code: "insufficient_funds" } : null,
  });
  const isPaid = payment.outcome === "paid";
  world.state.change(() => {
    if (payment.chargeType === "checkout") {
      emit(world, "subscription.created", subscription(world, payer, item, paymentId));
    }
    emit(world, "paymentAttempt.created", attempt("pending"));
    emit(world, "paymentAttempt.updated", attempt(payment.outcome));
    const after = { ...item, status: isPaid ? "active" : "past_due" };
    emit(world, isPaid ? "subscriptionItem.active" : "subscriptionItem.pastDue", after);
    emit(
      world,
      isPaid ? "subscription.active" : "subscription.pastDue",
      subscription(world, payer, after, paymentId),
    );
  });
  return { paymentId };
}

function payerOf(world: World, { userId, organizationId }: Payment) {
  const user = world.state.users.get(userId);
  if (!user) throw notFound("user", userId);
  const organization = organizationId ? world.state.organizations.get(organizationId) : undefined;
  if (organizationId && !organization) throw notFound("organization", organizationId);
  return {
    object: "commerce_payer",
    instance_id: world.keys.instanceId,
    id: derivedId("cpayer", organization?.id ?? user.id),
    image_url: organization ? organizationImageUrl(world, organization) : userImageUrl(world, user),
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

function itemOf(world: World, payment: Payment, subscriptionId: string) {
  const now = world.clock.now();
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

function attemptOf(
  world: World,
  payment: Payment,
  { paymentId, payer, item }: { paymentId: string; payer: Payer; item: Item },
) {
  const now = world.clock.now();
  return {
    object: "commerce_payment_attempt",
    id: newId("payatt", now),
    instance_id: world.keys.instanceId,
    payment_id: paymentId,
    invoice_id: derivedId("inv", paymentId),
    statement_id: derivedId("stmt", paymentId),
    gateway_external_id: `pi_${paymentId}`,
    created_at: now,
    updated_at: now,
    billing_date: now,
    charge_type: payment.chargeType,
    payee: {
      id: derivedId("cpayee", world.keys.instanceId),
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
  world: World,
  payer: Payer,
  item: Omit<Item, "status"> & { status: string },
  paymentId: string,
) {
  const now = world.clock.now();
  const isActive = item.status === "active";
  return {
    object: "commerce_subscription",
    id: item.subscription_id,
    status: isActive ? "active" : "past_due",
    active_at: isActive ? now : null,
    canceled_at: null,
    created_at: now,
    ended_at: null,
    past_due_at: isActive ? null : now,
    updated_at: now,
    latest_payment_id: paymentId,
    payer_id: payer.id,
    payer,
    payment_source_id: derivedId("paysrc", payer.id),
    items: [item],
  };
}
