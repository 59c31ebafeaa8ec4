/** The tabs that the user page and the organization page have in common. Each tab streams in after the object's heading. */
import { type ReactNode, Suspense } from "react";
import { ActRecordFields, ActsTable, ActsTableSkeleton } from "@/components/console/act-records";
import { AsOfForm } from "@/components/console/as-of";
import { AuditRow, AuditTable } from "@/components/console/audit-table";
import {
  PaymentRow,
  PaymentsTable,
  PlanRow,
  PlansTable,
} from "@/components/console/billing-tables";
import { ConsolePage } from "@/components/console/console-page";
import { DeliveriesTable, DeliveryRow } from "@/components/console/deliveries-table";
import { ObjectEffectRow, ObjectEffectsTable } from "@/components/console/object-effects-table";
import { Section } from "@/components/console/section";
import { Timeline, TimelineFields, TimelineSkeleton } from "@/components/console/timeline";
import { ButtonLink } from "@/components/ui/button-link";
import { EmptyState } from "@/components/ui/empty-state";
import { JsonView } from "@/components/ui/json-view";
import { Loading } from "@/components/ui/skeleton";
import { TabPanel } from "@/components/ui/tabs";
import { graphql } from "@/lib/document";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";

type Kind = "USER" | "ORGANIZATION";

/** Shows the content of the tab `current`, and a skeleton until the content has streamed in. */
export function ObjectTab({ current, children }: { current: string; children: ReactNode }) {
  return (
    <TabPanel current={current}>
      <Suspense
        key={current}
        fallback={
          <Loading what={current}>
            {current === "timeline" ? <TimelineSkeleton /> : <ActsTableSkeleton />}
          </Loading>
        }
      >
        {children}
      </Suspense>
    </TabPanel>
  );
}

const deliveriesQuery = graphql(
  `
    query ObjectDeliveries($id: ID!) {
      deliveriesAbout(objectId: $id) {
        ...DeliveryRow
      }
      effectsAbout(objectId: $id) {
        id
        ...ObjectEffectRow
      }
    }
  `,
  [DeliveryRow, ObjectEffectRow],
);

export async function DeliveriesPart({ id }: { id: string }) {
  const drawing = await drawOrReport(async () => {
    const { data } = await query({ query: deliveriesQuery, variables: { id } });
    return (
      <div className="flex flex-col gap-6">
        <Section title="Newest deliveries">
          {data.deliveriesAbout.length > 0 ? (
            <DeliveriesTable deliveries={data.deliveriesAbout} />
          ) : (
            <EmptyState>No webhook about this object is stored.</EmptyState>
          )}
        </Section>
        <Section title="Effects">
          <ObjectEffectsTable effects={data.effectsAbout} />
        </Section>
      </div>
    );
  });
  return <ConsolePage {...drawing} />;
}

const auditQuery = graphql(
  `
    query ObjectAudit($objectId: ID!, $subject: String!) {
      acts(objectId: $objectId, first: 50) {
        id
        ...ActRecordFields
      }
      auditEntries(filter: { subject: $subject }, first: 50) {
        edges {
          node {
            id
            ...AuditRow
          }
        }
      }
    }
  `,
  [ActRecordFields, AuditRow],
);

export async function AuditPart({ id }: { id: string }) {
  const drawing = await drawOrReport(async () => {
    const { data } = await query({ query: auditQuery, variables: { objectId: id, subject: id } });
    const entries = data.auditEntries.edges.map(({ node }) => node);
    return (
      <div className="flex flex-col gap-6">
        <Section title="Acts at Clerk">
          <ActsTable
            acts={data.acts}
            empty="No admin has asked Clerk to change this object here."
          />
        </Section>
        <Section title="Audit log">
          {entries.length > 0 ? (
            <AuditTable entries={entries} />
          ) : (
            <EmptyState>The audit log has no entry about this object.</EmptyState>
          )}
        </Section>
      </div>
    );
  });
  return <ConsolePage {...drawing} />;
}

const billingQuery = graphql(
  `
    query ObjectBilling($id: ID!) {
      subscriptionItemsOf(payerId: $id) {
        id
        ...PlanRow
      }
      paymentsOf(payerId: $id) {
        id
        ...PaymentRow
      }
    }
  `,
  [PlanRow, PaymentRow],
);

export async function BillingPart({ id }: { id: string }) {
  const drawing = await drawOrReport(async () => {
    const { data } = await query({ query: billingQuery, variables: { id } });
    return (
      <div className="flex flex-col gap-6">
        <Section title="Subscription">
          <PlansTable plans={data.subscriptionItemsOf} />
        </Section>
        <Section title="Purchases">
          <PaymentsTable payments={data.paymentsOf} />
        </Section>
      </div>
    );
  });
  return <ConsolePage {...drawing} />;
}

const PAGE = 50;

const timelineQuery = graphql(
  `
    query ObjectTimeline($kind: TimelineSubject!, $id: ID!, $before: DateTime, $first: Int!) {
      timeline(kind: $kind, id: $id, before: $before, first: $first) {
        id
        occurredAt
        ...TimelineFields
      }
    }
  `,
  [TimelineFields],
);

export async function TimelinePart(props: {
  kind: Kind;
  id: string;
  path: string;
  before: string | undefined;
}) {
  const { kind, id, path, before } = props;
  const drawing = await drawOrReport(async () => {
    const variables = { kind, id, before: before ?? null, first: PAGE };
    const { data } = await query({ query: timelineQuery, variables });
    const last = data.timeline.at(-1);
    const isWhole = data.timeline.length < PAGE;
    const link = (parameters: Record<string, string>) =>
      `${path}?${new URLSearchParams({ tab: "timeline", ...parameters })}`;
    return (
      <div className="flex flex-col gap-4">
        <AsOfForm path={path} />
        <Timeline entries={data.timeline} path={path} />
        {(before || !isWhole) && (
          <nav aria-label="Timeline pages" className="flex justify-end gap-2">
            {before && <ButtonLink href={link({})}>Newest</ButtonLink>}
            {!isWhole && last && (
              <ButtonLink href={link({ before: last.occurredAt })}>Earlier</ButtonLink>
            )}
          </nav>
        )}
      </div>
    );
  });
  return <ConsolePage {...drawing} />;
}

const rowQuery = graphql(`
  query MirrorRow($kind: TimelineSubject!, $id: ID!) {
    mirrorRow(kind: $kind, id: $id)
  }
`);

export async function JsonPart({ kind, id }: { kind: Kind; id: string }) {
  const drawing = await drawOrReport(async () => {
    const { data } = await query({ query: rowQuery, variables: { kind, id } });
    return <JsonView value={data.mirrorRow} label="The mirrored row" />;
  });
  return <ConsolePage {...drawing} />;
}
