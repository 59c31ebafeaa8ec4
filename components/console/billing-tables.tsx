import { Badge, type Tone } from "@/components/ui/badge";
import { EmptyState } from "@/components/ui/empty-state";
import { Unknown } from "@/components/ui/facts";
import { type Column, Table } from "@/components/ui/table";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { capitalized, formatAmount } from "@/lib/format";
import { TextCell, TimeCell } from "./cells";

export const PaymentRow = graphql(`
  fragment PaymentRow on Payment {
    id
    status
    amount
    currency
    plans
    createdAt
  }
`);

export const PlanRow = graphql(`
  fragment PlanRow on SubscriptionItem {
    id
    planName
    status
    isFreeTrial
    interval
    amount
    currency
    periodEnd
  }
`);

const tones: Record<string, Tone> = {
  ...{ active: "plain", paid: "plain", pending: "wait", upcoming: "wait" },
  ...{ past_due: "bad", failed: "bad" },
};

function BillingState({ state }: { state: string | null }) {
  const words = (state ?? "unknown").replaceAll("_", " ");
  return <Badge tone={tones[state ?? ""] ?? "neutral"}>{capitalized(words)}</Badge>;
}

function Amount({ amount, currency }: { amount: number | null; currency: string | null }) {
  return amount === null ? <Unknown /> : formatAmount(amount, currency);
}

const planColumns: Column<ResultOf<typeof PlanRow>>[] = [
  {
    header: "Plan",
    width: "w-48",
    cell: ({ planName, isFreeTrial }) => (
      <span className="flex items-center gap-2">
        <TextCell text={planName} />
        {isFreeTrial && <Badge tone="neutral">Free trial</Badge>}
      </span>
    ),
  },
  { header: "State", width: "w-28", cell: ({ status }) => <BillingState state={status} /> },
  {
    header: "Interval",
    width: "w-28",
    isWideOnly: true,
    cell: ({ interval }) => <TextCell text={interval && capitalized(interval)} />,
  },
  {
    header: "Period ends",
    width: "w-32",
    isWideOnly: true,
    cell: ({ periodEnd }) => <TimeCell value={periodEnd} />,
  },
  { header: "Amount", width: "w-28", isRightAligned: true, cell: Amount },
];

const paymentColumns: Column<ResultOf<typeof PaymentRow>>[] = [
  {
    header: "For",
    width: "w-48",
    cell: ({ plans }) => <TextCell text={plans.join(", ") || "Payment"} />,
  },
  { header: "State", width: "w-28", cell: ({ status }) => <BillingState state={status} /> },
  { header: "Date", width: "w-32", cell: ({ createdAt }) => <TimeCell value={createdAt} /> },
  { header: "Amount", width: "w-28", isRightAligned: true, cell: Amount },
];

export function PlansTable(props: { plans: FragmentOf<typeof PlanRow>[] }) {
  const rows = readFragment(PlanRow, props.plans);
  if (rows.length === 0) return <EmptyState>There is no subscription.</EmptyState>;
  return <Table caption="Subscription" columns={planColumns} rows={rows} keyOf={({ id }) => id} />;
}

export function PaymentsTable(props: { payments: FragmentOf<typeof PaymentRow>[] }) {
  const rows = readFragment(PaymentRow, props.payments);
  if (rows.length === 0) return <EmptyState>There are no purchases.</EmptyState>;
  return <Table caption="Purchases" columns={paymentColumns} rows={rows} keyOf={({ id }) => id} />;
}
