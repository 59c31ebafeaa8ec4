import { notFound } from "next/navigation";
import { cache } from "react";
import { CrumbName } from "@/components/console/breadcrumbs";
import { CausedEffectRow, CausedEffects } from "@/components/console/caused-effects";
import { ConsolePage } from "@/components/console/console-page";
import { delayText } from "@/components/console/deliveries-table";
import { DeliveryActs } from "@/components/console/delivery-acts";
import { DeliveryChange, DeliveryChangeData } from "@/components/console/delivery-change";
import { DeliveryPayload } from "@/components/console/delivery-payload";
import { Remedy } from "@/components/console/remedy";
import { Section } from "@/components/console/section";
import { DeliveryOutcomeBadge } from "@/components/console/state-badges";
import { Fact, Facts } from "@/components/ui/facts";
import { IdChip } from "@/components/ui/id-chip";
import { JsonView } from "@/components/ui/json-view";
import { Link } from "@/components/ui/link";
import { Time } from "@/components/ui/time";
import { graphql } from "@/lib/document";
import { formatCount } from "@/lib/format";
import { requireAdmin } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport, titleOr } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";
import { OpenInClerk } from "../../open-in-clerk";

const deliveryQuery = graphql(
  `
    query Delivery($id: ID!) {
      delivery(id: $id) {
        delivery {
          id
          type
          objectId
          userId
          outcome
          attempts
          error
          unread
          occurredAt
          receivedAt
          settledAt
          nextAttemptAt
          delayMs
        }
        instanceId
        headers
        bodyBytes
        isRedacted
        veiledPayload
        remedy
        effects {
          ...CausedEffectRow
        }
        ...DeliveryChangeData
      }
    }
  `,
  [CausedEffectRow, DeliveryChangeData],
);

type Props = { params: Promise<{ id: string }> };

/** Loads the delivery, once per request: the page and its title both need the delivery. */
const requireDelivery = cache(async (id: string) => {
  await requireAdmin(paths.delivery(id));
  const { data } = await query({ query: deliveryQuery, variables: { id } });
  return data.delivery ?? notFound();
});

const nameOf = ({ type }: { type: string | null }) => type ?? "Unreadable delivery";

export async function generateMetadata({ params }: Props) {
  const { id } = await params;
  return {
    title: await titleOr("Delivery", async () => nameOf((await requireDelivery(id)).delivery)),
  };
}

/** The path of the delivery's object in Clerk's dashboard; null for an object that has no page there. */
function clerkPathOf({ objectId, userId }: { objectId: string | null; userId: string | null }) {
  if (objectId?.startsWith("org_")) return `organizations/${objectId}`;
  return userId && `users/${userId}`;
}

const dismissible = ["pending", "dead", "quarantined", "unreadable"];

export default async function DeliveryPage({ params }: Props) {
  const drawing = await drawOrReport(async () => {
    const { id } = await params;
    const detail = await requireDelivery(id);
    const { delivery, bodyBytes, remedy } = detail;
    const name = nameOf(delivery);
    const clerkPath = clerkPathOf(delivery);
    return (
      <div className="flex flex-col gap-6">
        <CrumbName name={name} />
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <h1 className="font-mono text-lg wrap-anywhere">{name}</h1>
          <DeliveryOutcomeBadge outcome={delivery.outcome} />
          <div className="flex flex-wrap gap-2 sm:ml-auto">
            {clerkPath && <OpenInClerk path={clerkPath} />}
            <DeliveryActs
              selection={{ ids: [delivery.id] }}
              what="this delivery"
              verb={delivery.outcome === "quarantined" ? "Release" : "Replay"}
              mayReplay={bodyBytes !== null}
              mayDismiss={dismissible.includes(delivery.outcome)}
            />
          </div>
        </div>
        {remedy && (
          <p className="max-w-prose text-pretty text-ink-soft">
            {delivery.error && <strong className="font-strong text-ink">{delivery.error}. </strong>}
            <Remedy text={remedy} />
          </p>
        )}
        <Facts>
          <Fact name="Id">
            <IdChip id={delivery.id} isWhole />
          </Fact>
          <Fact name="Received">
            <Time value={delivery.receivedAt} />
          </Fact>
          <Fact name="Object">
            {delivery.objectId && <IdChip id={delivery.objectId} isWhole />}
          </Fact>
          <Fact name="Happened at Clerk">
            {delivery.occurredAt && <Time value={delivery.occurredAt} />}
          </Fact>
          <Fact name="User">
            {delivery.userId && (
              <Link
                href={paths.user(delivery.userId)}
                className="rounded-control font-mono text-xs text-accent hover:underline"
              >
                {delivery.userId}
              </Link>
            )}
          </Fact>
          <Fact name="Delay">{delivery.delayMs !== null && delayText(delivery.delayMs)}</Fact>
          <Fact name="Clerk instance">
            {detail.instanceId && <IdChip id={detail.instanceId} isWhole />}
          </Fact>
          <Fact name="Attempts">{formatCount(delivery.attempts)}</Fact>
          <Fact name="Not read">{delivery.unread ?? "Nothing"}</Fact>
          <Fact name={delivery.nextAttemptAt ? "Next attempt" : "Settled"}>
            {(delivery.nextAttemptAt ?? delivery.settledAt) && (
              <Time value={delivery.nextAttemptAt ?? delivery.settledAt ?? ""} />
            )}
          </Fact>
        </Facts>
        <Section title="What it changed">
          <DeliveryChange detail={detail} />
        </Section>
        <Section title="Effects it caused">
          <CausedEffects effects={detail.effects} />
        </Section>
        <Section title="Payload">
          {detail.isRedacted && (
            <p className="text-ink-soft">Secrets were removed before it was stored.</p>
          )}
          <DeliveryPayload
            key={delivery.id}
            id={delivery.id}
            bytes={bodyBytes}
            veiled={detail.veiledPayload}
          />
        </Section>
        <Section title="Headers">
          <JsonView label="Headers" value={detail.headers} />
        </Section>
      </div>
    );
  });
  return <ConsolePage {...drawing} />;
}
