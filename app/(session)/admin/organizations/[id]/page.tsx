import { notFound } from "next/navigation";
import { cache, Suspense } from "react";
import { ConsolePage } from "@/components/console/console-page";
import { DetailHeading } from "@/components/console/detail-heading";
import { InvitationRow, InvitationsTable } from "@/components/console/invitations-table";
import { memberControls } from "@/components/console/list-controls";
import { hrefOf } from "@/components/console/list-href";
import { parseListRequest } from "@/components/console/list-request";
import { ListTools } from "@/components/console/list-tools";
import { MembersTableSkeleton } from "@/components/console/members-table";
import { Metadata } from "@/components/console/metadata";
import { Section } from "@/components/console/section";
import { EmptyState } from "@/components/ui/empty-state";
import { Fact, Facts } from "@/components/ui/facts";
import { IdChip } from "@/components/ui/id-chip";
import { Link } from "@/components/ui/link";
import { Loading } from "@/components/ui/skeleton";
import { Time } from "@/components/ui/time";
import { graphql } from "@/lib/document";
import { formatCount, visibleText } from "@/lib/format";
import { requireAdmin } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport, titleOr } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";
import { Members } from "./members";

type Props = { params: Promise<{ id: string }>; searchParams: Promise<unknown> };

/** How many of the newest invitations the page shows; a link leads to the list of all. */
const NEWEST = 5;

const organizationQuery = graphql(
  `
    query Organization($id: ID!, $newest: Int!) {
      organization(id: $id) {
        id
        name
        slug
        imageUrl
        membersCount
        maxAllowedMemberships
        adminDeleteEnabled
        createdBy
        publicMetadata
        createdAt
        updatedAt
      }
      invitations(organizationId: $id, first: $newest) {
        totalCount
        edges {
          node {
            id
            ...InvitationRow
          }
        }
      }
    }
  `,
  [InvitationRow],
);

/** Cached per request: the page and its title need the same row. */
const requireOrganization = cache(async (id: string) => {
  await requireAdmin(paths.organization(id));
  const { data } = await query({ query: organizationQuery, variables: { id, newest: NEWEST } });
  const { organization, invitations } = data;
  return organization ? { organization, invitations } : notFound();
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
    const { organization, invitations } = await requireOrganization(id);
    const { name, slug, imageUrl, membersCount, maxAllowedMemberships, createdBy } = organization;
    const { createdAt, updatedAt, adminDeleteEnabled, publicMetadata } = organization;
    const request = await parseListRequest(paths.organization(id), searchParams, memberControls);
    return (
      <div className="flex flex-col gap-6">
        <DetailHeading name={name} imageUrl={imageUrl} shape="organization" />
        <Facts>
          <Fact name="Id">
            <IdChip id={id} isWhole />
          </Fact>
          <Fact name="Created">{createdAt && <Time value={createdAt} />}</Fact>
          <Fact name="Slug">{visibleText(slug)}</Fact>
          <Fact name="Last changed">{updatedAt && <Time value={updatedAt} />}</Fact>
          <Fact name="Member limit">{memberLimit(maxAllowedMemberships)}</Fact>
          <Fact name="Created by">
            {createdBy && (
              <Link href={paths.user(createdBy)} className="font-mono text-xs hover:underline">
                {createdBy}
              </Link>
            )}
          </Fact>
          <Fact name="Delete by admins">
            {adminDeleteEnabled === null ? null : adminDeleteEnabled ? "Allowed" : "Not allowed"}
          </Fact>
        </Facts>
        <Section title="Members" count={membersCount}>
          <ListTools searchLabel="Search members" request={request} controls={memberControls} />
          <Suspense
            fallback={
              <Loading what="members">
                <MembersTableSkeleton />
              </Loading>
            }
          >
            <Members id={id} request={request} />
          </Suspense>
        </Section>
        <Section
          title="Invitations"
          count={invitations.totalCount}
          action={
            invitations.totalCount > NEWEST && (
              <Link
                href={hrefOf(paths.invitations, { organization: id })}
                className="text-sm text-accent hover:underline"
              >
                All invitations
              </Link>
            )
          }
        >
          {invitations.totalCount > 0 ? (
            <InvitationsTable invitations={invitations.edges.map(({ node }) => node)} isOfOne />
          ) : (
            <EmptyState>This organization has no invitations.</EmptyState>
          )}
        </Section>
        <Section title="Metadata">
          <Metadata parts={[{ title: "Public", value: publicMetadata }]} />
        </Section>
      </div>
    );
  });
  return <ConsolePage {...drawing} />;
}

/** Formats the limit of members. Clerk sends 0 for no limit. */
function memberLimit(limit: number | null): string | null {
  return limit === null ? null : limit === 0 ? "None" : formatCount(limit);
}
