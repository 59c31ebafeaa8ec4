/** A user's page as of a time: read-only, from the stored versions, with the parts of which versions are stored. */
import type { ReactNode } from "react";
import { AsOfBar, NoVersion } from "@/components/console/as-of";
import { ConsolePage } from "@/components/console/console-page";
import { DetailHeading } from "@/components/console/detail-heading";
import { PastMembershipRow, PastMemberships } from "@/components/console/past-memberships";
import { PlatformAdminBadge, UserStateBadge, userState } from "@/components/console/state-badges";
import { JsonView } from "@/components/ui/json-view";
import { currentTab, tabLinks } from "@/components/ui/tab-links";
import { TabPanel, Tabs } from "@/components/ui/tabs";
import { graphql } from "@/lib/document";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";
import { UserOverview, UserOverviewFields } from "./overview";

const pastUserQuery = graphql(
  `
    query PastUser($id: ID!, $at: DateTime!) {
      userAsOf(id: $id, at: $at) {
        id
        name
        imageUrl
        isAdmin
        isBanned
        isLocked
        ...UserOverviewFields
      }
      stateAsOf(kind: USER, id: $id, at: $at) {
        isDeleted
        state
      }
      membershipsAsOf(kind: USER, id: $id, at: $at) {
        id
        ...PastMembershipRow
      }
    }
  `,
  [UserOverviewFields, PastMembershipRow],
);

const tabs = [
  { name: "overview", label: "Overview" },
  { name: "memberships", label: "Memberships" },
  { name: "json", label: "JSON" },
] as const;
type TabName = (typeof tabs)[number]["name"];

type Props = { id: string; asOf: string; tab: string | undefined; path: string };

export async function PastUser({ id, asOf, tab: requested, path }: Props) {
  const drawing = await drawOrReport(async () => {
    const { data } = await query({ query: pastUserQuery, variables: { id, at: asOf } });
    const { userAsOf: user, stateAsOf: past, membershipsAsOf: memberships } = data;
    const tab = currentTab([...tabs], requested);
    const parts: Record<TabName, () => ReactNode> = {
      overview: () =>
        user ? <UserOverview user={user} /> : <NoVersion isDeleted={past?.isDeleted ?? false} />,
      memberships: () => <PastMemberships kind="organization" memberships={memberships} />,
      json: () =>
        past?.state ? (
          <JsonView value={past.state} label="The mirrored row" />
        ) : (
          <NoVersion isDeleted={past?.isDeleted ?? false} />
        ),
    };
    return (
      <div className="flex flex-col gap-5">
        <AsOfBar asOf={asOf} nowHref={path} />
        <DetailHeading name={user?.name ?? id} imageUrl={user?.imageUrl ?? null} shape="person">
          {user && <UserStateBadge state={userState(user)} />}
          {user?.isAdmin && <PlatformAdminBadge />}
        </DetailHeading>
        <Tabs
          label="Parts of this user"
          tabs={tabLinks(path, withCount(tabs, memberships.length), { asOf })}
          current={tab}
        />
        <TabPanel current={tab}>{parts[tab]()}</TabPanel>
      </div>
    );
  });
  return <ConsolePage {...drawing} />;
}

const withCount = (all: typeof tabs, count: number) =>
  all.map((each) => (each.name === "memberships" ? { ...each, count } : each));
