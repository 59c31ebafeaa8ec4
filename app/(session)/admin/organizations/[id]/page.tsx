import { notFound } from "next/navigation";
import { cache, Suspense } from "react";
import { ConsolePage } from "@/components/console/console-page";
import { DetailHeading } from "@/components/console/detail-heading";
import { parseListRequest } from "@/components/console/list-request";
import { MembersTableSkeleton } from "@/components/console/members-table";
import { Fact, Facts } from "@/components/ui/facts";
import { IdChip } from "@/components/ui/id-chip";
import { SearchField } from "@/components/ui/search-field";
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

const organizationQuery = graphql(`
  query Organization($id: ID!) {
    organization(id: $id) {
      id
      name
      slug
      imageUrl
      membersCount
      createdAt
      updatedAt
    }
  }
`);

/** Cached per request: the page and its title need the same row. */
const requireOrganization = cache(async (id: string) => {
  await requireAdmin(paths.organization(id));
  const { data } = await query({ query: organizationQuery, variables: { id } });
  return data.organization ?? notFound();
});

export async function generateMetadata({ params }: Props) {
  const { id } = await params;
  return { title: await titleOr("Organization", async () => (await requireOrganization(id)).name) };
}

export default async function OrganizationPage({ params, searchParams }: Props) {
  const drawing = await drawOrReport(async () => {
    const { id } = await params;
    const organization = await requireOrganization(id);
    const { name, slug, imageUrl, membersCount, createdAt, updatedAt } = organization;
    const request = await parseListRequest(searchParams);
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
        </Facts>
        <section aria-labelledby="members" className="flex flex-col gap-4">
          <h2 id="members" className="flex items-baseline gap-2 text-base">
            Members
            <span className="text-md font-normal text-ink-faint tabular-nums">
              {formatCount(membersCount)}
            </span>
          </h2>
          <SearchField label="Search members" value={request.words} />
          <Suspense
            fallback={
              <Loading what="members">
                <MembersTableSkeleton />
              </Loading>
            }
          >
            <Members id={id} request={request} />
          </Suspense>
        </section>
      </div>
    );
  });
  return <ConsolePage {...drawing} />;
}
