import { Badge, type Tone } from "@/components/ui/badge";
import { EmptyState } from "@/components/ui/empty-state";
import { Time } from "@/components/ui/time";
import { type FragmentOf, graphql, readFragment } from "@/lib/document";
import { capitalized, formatAmount } from "@/lib/format";

export const PurchasesFields = graphql(`
  fragment PurchasesFields on Viewer {
    subscriptionItems {
      id
      planName
      status
      isFreeTrial
      interval
      amount
      currency
      periodEnd
    }
    payments {
      id
      status
      amount
      currency
      plans
      createdAt
    }
  }
`);

const tones: Record<string, Tone> = {
  active: "good",
  paid: "good",
  pending: "wait",
  upcoming: "wait",
  past_due: "bad",
  failed: "bad",
};

/** Shows a state that Clerk sent, in words: "past_due" becomes "Past due". */
function StateBadge({ state }: { state: string | null }) {
  const words = (state ?? "unknown").replaceAll("_", " ");
  return <Badge tone={tones[state ?? ""] ?? "neutral"}>{capitalized(words)}</Badge>;
}

const row = "flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line p-4 last:border-b-0";
const periods: Record<string, string> = { month: "a month", annual: "a year" };

export function Purchases({ viewer }: { viewer: FragmentOf<typeof PurchasesFields> }) {
  const { subscriptionItems, payments } = readFragment(PurchasesFields, viewer);
  return (
    <>
      <section aria-labelledby="subscription" className="flex flex-col gap-4">
        <h2 id="subscription" className="text-lg">
          Subscription
        </h2>
        {subscriptionItems.length > 0 ? (
          <ul className="rounded-card border border-line bg-surface">
            {subscriptionItems.map((item) => (
              <li key={item.id} className={row}>
                <div className="min-w-0 flex-1 basis-56">
                  <p className="wrap-anywhere">{item.planName ?? "A plan"}</p>
                  <p className="text-md text-ink-soft">
                    {item.amount !== null &&
                      `${formatAmount(item.amount, item.currency)} ${periods[item.interval ?? ""] ?? ""}`}
                    {item.isFreeTrial && " · Free trial"}
                    {item.periodEnd && (
                      <>
                        {" · Period ends "}
                        <Time value={item.periodEnd} as="day" />
                      </>
                    )}
                  </p>
                </div>
                <StateBadge state={item.status} />
              </li>
            ))}
          </ul>
        ) : (
          <EmptyState>You have no subscription.</EmptyState>
        )}
      </section>
      <section aria-labelledby="payments" className="flex flex-col gap-4">
        <h2 id="payments" className="text-lg">
          Purchases
        </h2>
        {payments.length > 0 ? (
          <ul className="rounded-card border border-line bg-surface">
            {payments.map(({ id, status, amount, currency, plans, createdAt }) => (
              <li key={id} className={row}>
                <div className="min-w-0 flex-1 basis-56">
                  <p className="wrap-anywhere">{plans.join(", ") || "Payment"}</p>
                  <p className="text-md text-ink-soft">
                    {createdAt && <Time value={createdAt} as="day" />}
                  </p>
                </div>
                <span className="tabular-nums">
                  {amount !== null && formatAmount(amount, currency)}
                </span>
                <StateBadge state={status} />
              </li>
            ))}
          </ul>
        ) : (
          <EmptyState>No purchases yet.</EmptyState>
        )}
      </section>
    </>
  );
}
