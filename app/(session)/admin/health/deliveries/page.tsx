import { z } from "zod";
import { ConsolePage } from "@/components/console/console-page";
import { DeliveriesTable, DeliveryRow } from "@/components/console/deliveries-table";
import { HealthListPage } from "@/components/console/health-page";
import { graphql, type VariablesOf } from "@/lib/document";
import { requireAdmin } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";

export const metadata = { title: "Deliveries to look at" };

const listQuery = graphql(
  `
    query HealthDeliveries($list: DeliveryListName!) {
      listedDeliveries(list: $list) {
        totalCount
        newest {
          ...DeliveryRow
        }
      }
    }
  `,
  [DeliveryRow],
);

type List = VariablesOf<typeof listQuery>["list"];

const lists: Record<List, { title: string; about: string }> = {
  PENDING: {
    title: "Pending",
    about: "Recorded, but not applied yet. Rollcall retries them at growing intervals.",
  },
  DEAD: { title: "Dead letters", about: "Recorded, but not applied in 8 attempts." },
  QUARANTINED: {
    title: "From another instance",
    about: "Sent by another Clerk instance than this mirror’s. They are stored, but not applied.",
  },
  UNREADABLE: {
    title: "Unreadable",
    about: "A required attribute could not be read, so nothing was applied.",
  },
  PARTIAL: {
    title: "Partly readable",
    about: "Applied. The attributes that could not be read are empty in the mirror.",
  },
  UNKNOWN: {
    title: "Unknown types",
    about: "Received in the last 24 h, of types that this version of Rollcall does not know.",
  },
};

const names = ["PENDING", "DEAD", "QUARANTINED", "UNREADABLE", "PARTIAL", "UNKNOWN"] as const;
const parameters = z.object({
  list: z.string().toUpperCase().pipe(z.enum(names)).catch("PENDING"),
});

export default async function HealthDeliveriesPage(props: { searchParams: Promise<unknown> }) {
  const drawing = await drawOrReport(async () => {
    await requireAdmin(paths.health);
    const { list } = parameters.parse(await props.searchParams);
    const { data } = await query({ query: listQuery, variables: { list } });
    const { totalCount, newest } = data.listedDeliveries;
    const { title, about } = lists[list];
    return (
      <HealthListPage
        title={title}
        count={totalCount}
        shown={newest.length}
        about={about}
        empty="No deliveries in this list."
        table={<DeliveriesTable deliveries={newest} />}
      />
    );
  });
  return <ConsolePage {...drawing} />;
}
