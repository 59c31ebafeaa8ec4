import { notFound } from "next/navigation";
import { cache, type ReactNode } from "react";
import { ActMenu } from "@/components/console/act-menu";
import { ActRecordFields, PendingActs } from "@/components/console/act-records";
import { parseObjectParameters } from "@/components/console/as-of-parameter";
import { ConsolePage } from "@/components/console/console-page";
import { DetailHeading } from "@/components/console/detail-heading";
import { PlatformAdminBadge, UserStateBadge, userState } from "@/components/console/state-badges";
import { currentTab, tabLinks } from "@/components/ui/tab-links";
import { Tabs } from "@/components/ui/tabs";
import { graphql } from "@/lib/document";
import { requireAdmin } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport, titleOr } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";
import {
  AuditPart,
  BillingPart,
  DeliveriesPart,
  JsonPart,
  ObjectTab,
  TimelinePart,
} from "../../object-parts";
import { OpenInClerk } from "../../open-in-clerk";
import { UserOverview, UserOverviewFields } from "./overview";
import { InvitationsPart, MembershipsPart, SessionsPart } from "./parts";
import { PastUser } from "./past-user";

const userQuery = graphql(
  `
    query User($id: ID!) {
      user(id: $id) {
        id
        name
        imageUrl
        isAdmin
        isBanned
        isLocked
        externalId
        publicMetadata
        unsafeMetadata
        ...UserOverviewFields
      }
      acts(objectId: $id, first: 10) {
        id
        ...ActRecordFields
      }
    }
  `,
  [UserOverviewFields, ActRecordFields],
);

type Props = { params: Promise<{ id: string }>; searchParams: Promise<unknown> };

const tabs = [
  { name: "overview", label: "Overview" },
  { name: "memberships", label: "Memberships" },
  { name: "invitations", label: "Invitations" },
  { name: "sessions", label: "Sessions" },
  { name: "billing", label: "Billing" },
  { name: "deliveries", label: "Deliveries" },
  { name: "audit", label: "Audit" },
  { name: "timeline", label: "Timeline" },
  { name: "json", label: "JSON" },
] as const;
type TabName = (typeof tabs)[number]["name"];

/** Loads the user, once per request: the page and its title both need the user. */
const requireUser = cache(async (id: string) => {
  await requireAdmin(paths.user(id));
  const { data } = await query({ query: userQuery, variables: { id } });
  const { user, acts } = data;
  return user ? { user, acts } : notFound();
});

export async function generateMetadata({ params }: Props) {
  const { id } = await params;
  return { title: await titleOr("User", async () => (await requireUser(id)).user.name) };
}

const json = (value: unknown) => JSON.stringify(value ?? {}, null, 2);

export default async function UserPage({ params, searchParams }: Props) {
  const drawing = await drawOrReport(async () => {
    const { id } = await params;
    const { user, acts } = await requireUser(id);
    const { tab: requested, asOf, before } = await parseObjectParameters(searchParams);
    const path = paths.user(id);
    if (asOf) return <PastUser id={id} asOf={asOf} tab={requested} path={path} />;
    const tab = currentTab([...tabs], requested);
    const parts: Record<TabName, () => ReactNode> = {
      overview: () => <UserOverview user={user} />,
      memberships: () => <MembershipsPart id={id} />,
      invitations: () => <InvitationsPart id={id} />,
      sessions: () => <SessionsPart id={id} />,
      billing: () => <BillingPart id={id} />,
      deliveries: () => <DeliveriesPart id={id} />,
      audit: () => <AuditPart id={id} />,
      timeline: () => <TimelinePart kind="USER" id={id} path={path} before={before} />,
      json: () => <JsonPart kind="USER" id={id} />,
    };
    return (
      <div className="flex flex-col gap-5">
        <div className="flex flex-wrap items-center justify-between gap-3">
          <DetailHeading name={user.name} imageUrl={user.imageUrl} shape="person">
            <UserStateBadge state={userState(user)} />
            {user.isAdmin && <PlatformAdminBadge />}
          </DetailHeading>
          <div className="flex flex-wrap gap-2">
            <OpenInClerk path={`users/${id}`} />
            <ActMenu
              kind="USER"
              id={id}
              prefill={{
                externalId: user.externalId ?? "",
                publicMetadata: json(user.publicMetadata),
                unsafeMetadata: json(user.unsafeMetadata),
              }}
            />
          </div>
        </div>
        <PendingActs acts={acts} now={Date.now()} />
        <Tabs label="Parts of this user" tabs={tabLinks(path, tabs)} current={tab} />
        <ObjectTab current={tab}>{parts[tab]()}</ObjectTab>
      </div>
    );
  });
  return <ConsolePage {...drawing} />;
}
