/** An organization's page as of a time: read-only, from the stored versions, with the parts of which versions are stored. */
import type { ReactNode } from "react";
import { AsOfBar, NoVersion } from "@/components/console/as-of";
import { ConsolePage } from "@/components/console/console-page";
import { DetailHeading } from "@/components/console/detail-heading";
import { Metadata } from "@/components/console/metadata";
import { PastMembershipRow, PastMemberships } from "@/components/console/past-memberships";
import { JsonView } from "@/components/ui/json-view";
import { currentTab, tabLinks } from "@/components/ui/tab-links";
import { TabPanel, Tabs } from "@/components/ui/tabs";
import { graphql } from "@/lib/document";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";
import { OrganizationFactFields, OrganizationFacts } from "./facts";

const pastOrganizationQuery = graphql(
  `
    query PastOrganization($id: ID!, $at: DateTime!) {
      organizationAsOf(id: $id, at: $at) {
        id
        name
        imageUrl
        publicMetadata
        ...OrganizationFactFields
      }
      stateAsOf(kind: ORGANIZATION, id: $id, at: $at) {
        isDeleted
        state
      }
      membershipsAsOf(kind: ORGANIZATION, id: $id, at: $at) {
        id
        ...PastMembershipRow
      }
    }
  `,
  [OrganizationFactFields, PastMembershipRow],
);

const tabs = [
  { name: "members", label: "Members" },
  { name: "metadata", label: "Metadata" },
  { name: "json", label: "JSON" },
] as const;
type TabName = (typeof tabs)[number]["name"];

type Props = { id: string; asOf: string; tab: string | undefined; path: string };

export async function PastOrganization({ id, asOf, tab: requested, path }: Props) {
  const drawing = await drawOrReport(async () => {
    const { data } = await query({ query: pastOrganizationQuery, variables: { id, at: asOf } });
    const { organizationAsOf: organization, stateAsOf: past, membershipsAsOf: memberships } = data;
    const tab = currentTab([...tabs], requested);
    const missing = <NoVersion isDeleted={past?.isDeleted ?? false} />;
    const parts: Record<TabName, () => ReactNode> = {
      members: () => <PastMemberships kind="person" memberships={memberships} />,
      metadata: () =>
        organization ? (
          <Metadata parts={[{ title: "Public", value: organization.publicMetadata }]} />
        ) : (
          missing
        ),
      json: () =>
        past?.state ? <JsonView value={past.state} label="The mirrored row" /> : missing,
    };
    return (
      <div className="flex flex-col gap-5">
        <AsOfBar asOf={asOf} nowHref={path} />
        <DetailHeading
          name={organization?.name ?? id}
          imageUrl={organization?.imageUrl ?? null}
          shape="organization"
        />
        {organization ? <OrganizationFacts organization={organization} /> : missing}
        <Tabs
          label="Parts of this organization"
          tabs={tabLinks(
            path,
            tabs.map((each) =>
              each.name === "members" ? { ...each, count: memberships.length } : each,
            ),
            { asOf },
          )}
          current={tab}
        />
        <TabPanel current={tab}>{parts[tab]()}</TabPanel>
      </div>
    );
  });
  return <ConsolePage {...drawing} />;
}
