import { notFound } from "next/navigation";
import { cache, type ReactNode, Suspense } from "react";
import { ActMenu } from "@/components/console/act-menu";
import { ActRecordFields, PendingActs } from "@/components/console/act-records";
import { parseObjectParameters } from "@/components/console/as-of-parameter";
import { ConsolePage } from "@/components/console/console-page";
import { DetailHeading } from "@/components/console/detail-heading";
import { memberControls } from "@/components/console/list-controls";
import { parseListRequest } from "@/components/console/list-request";
import { ListTools } from "@/components/console/list-tools";
import { MembersTableSkeleton, memberColumns } from "@/components/console/members-table";
import { Loading } from "@/components/ui/skeleton";
import { currentTab, tabLinks } from "@/components/ui/tab-links";
import { Tabs } from "@/components/ui/tabs";
import { graphql } from "@/lib/document";
import { roleName } from "@/lib/format";
import { requireAdmin } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport, titleOr } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";
import { rememberedLayout } from "@/lib/query/remembered-layout";
import {
  AuditPart,
  BillingPart,
  DeliveriesPart,
  JsonPart,
  ObjectTab,
  TimelinePart,
} from "../../object-parts";
import { OpenInClerk } from "../../open-in-clerk";
import { OrganizationFactFields, OrganizationFacts } from "./facts";
import { Members } from "./members";
import { DomainsPart, InvitationsPart, MetadataPart, RolesPart } from "./parts";
import { PastOrganization } from "./past-organization";

type Props = { params: Promise<{ id: string }>; searchParams: Promise<unknown> };

const organizationQuery = graphql(
  `
    query Organization($id: ID!) {
      organization(id: $id) {
        id
        name
        slug
        imageUrl
        membersCount
        publicMetadata
        ...OrganizationFactFields
        roles {
          key
          name
        }
      }
      acts(objectId: $id, first: 10) {
        id
        ...ActRecordFields
      }
    }
  `,
  [ActRecordFields, OrganizationFactFields],
);

const tabs = [
  { name: "members", label: "Members" },
  { name: "invitations", label: "Invitations" },
  { name: "domains", label: "Domains" },
  { name: "roles", label: "Roles" },
  { name: "metadata", label: "Metadata" },
  { name: "subscription", label: "Subscription" },
  { name: "deliveries", label: "Deliveries" },
  { name: "audit", label: "Audit" },
  { name: "timeline", label: "Timeline" },
  { name: "json", label: "JSON" },
] as const;
type TabName = (typeof tabs)[number]["name"];

/** Loads the organization, once per request: the page and its title both need the organization. */
const requireOrganization = cache(async (id: string) => {
  await requireAdmin(paths.organization(id));
  const { data } = await query({ query: organizationQuery, variables: { id } });
  const { organization, acts } = data;
  return organization ? { organization, acts } : notFound();
});

export async function generateMetadata({ params }: Props) {
  const { id } = await params;
  return {
    title: await titleOr(
      "Organization",
      async () => (await requireOrganization(id)).organization.name,
    ),
  };
}

export default async function OrganizationPage({ params, searchParams }: Props) {
  const drawing = await drawOrReport(async () => {
    const { id } = await params;
    const { organization, acts } = await requireOrganization(id);
    const { tab: requested, asOf, before } = await parseObjectParameters(searchParams);
    const path = paths.organization(id);
    if (asOf) return <PastOrganization id={id} asOf={asOf} tab={requested} path={path} />;
    const { name, slug, imageUrl, membersCount, publicMetadata } = organization;
    const roles = (organization.roles ?? []).flatMap(({ key, name: ownName }) =>
      key ? [{ key, name: roleName(key, ownName) }] : [],
    );
    const tab = currentTab([...tabs], requested);
    const request = await parseListRequest(
      path,
      searchParams,
      memberControls,
      memberColumns,
      tab === "members" ? rememberedLayout("MEMBERS") : "",
    );
    const parts: Record<TabName, () => ReactNode> = {
      members: () => (
        <>
          <ListTools
            searchLabel="Search members"
            request={request}
            controls={memberControls}
            table={{ list: "MEMBERS", columns: memberColumns }}
          />
          <Suspense
            fallback={
              <Loading what="members">
                <MembersTableSkeleton />
              </Loading>
            }
          >
            <Members id={id} request={request} roles={roles} />
          </Suspense>
        </>
      ),
      invitations: () => <InvitationsPart id={id} />,
      domains: () => <DomainsPart id={id} />,
      roles: () => <RolesPart />,
      metadata: () => <MetadataPart publicMetadata={publicMetadata} />,
      subscription: () => <BillingPart id={id} />,
      deliveries: () => <DeliveriesPart id={id} />,
      audit: () => <AuditPart id={id} />,
      timeline: () => <TimelinePart kind="ORGANIZATION" id={id} path={path} before={before} />,
      json: () => <JsonPart kind="ORGANIZATION" id={id} />,
    };
    return (
      <div className="flex flex-col gap-5">
        <div className="flex flex-wrap items-center justify-between gap-3">
          <DetailHeading name={name} imageUrl={imageUrl} shape="organization" />
          <div className="flex flex-wrap gap-2">
            <OpenInClerk path={`organizations/${id}`} />
            <ActMenu
              kind="ORGANIZATION"
              id={id}
              prefill={{
                ...{ name, slug: slug ?? "", role: "org:member", roles },
                publicMetadata: JSON.stringify(publicMetadata ?? {}, null, 2),
              }}
            />
          </div>
        </div>
        <PendingActs acts={acts} now={Date.now()} />
        <OrganizationFacts organization={organization} />
        <Tabs
          label="Parts of this organization"
          tabs={tabLinks(
            path,
            tabs.map((each) => (each.name === "members" ? { ...each, count: membersCount } : each)),
          )}
          current={tab}
        />
        <ObjectTab current={tab}>{parts[tab]()}</ObjectTab>
      </div>
    );
  });
  return <ConsolePage {...drawing} />;
}
