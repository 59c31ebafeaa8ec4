import { notFound, redirect } from "next/navigation";
import { cache } from "react";
import { hasErrorCode } from "@/components/has-error-code";
import { pageLinks, pageVariables, searchText } from "@/components/list-page";
import { LiveOrganization } from "@/components/member/live-organization";
import { MemberList, MemberListFields } from "@/components/member/member-list";
import { MemberPage } from "@/components/member/member-page";
import { ActivityFields, OrganizationActivity } from "@/components/member/organization-activity";
import { DomainFields, OrganizationDomains } from "@/components/member/organization-domains";
import { OrganizationInvitations } from "@/components/member/organization-invitations";
import { PendingInvitationFields } from "@/components/member/pending-invitation-fields";
import { Avatar } from "@/components/ui/avatar";
import { Link } from "@/components/ui/link";
import { Pager } from "@/components/ui/pager";
import { SearchField } from "@/components/ui/search-field";
import { graphql, type ResultOf } from "@/lib/document";
import { memberCount, roleName } from "@/lib/format";
import { requireViewer } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport, titleOr } from "@/lib/query/draw-or-report";
import { firstQueryAt, query } from "@/lib/query/query";

type Props = PageProps<"/organizations/[id]">;

const PAGE_SIZE = 50;
/** The number of members from which the member list has a search field. */
const SEARCHED_FROM = 10;
const words = searchText(100);

const organizationQuery = graphql(
  `
    query MemberOrganization(
      $id: ID!
      $query: String
      $first: Int
      $last: Int
      $after: String
      $before: String
    ) {
      organization(id: $id) {
        id
        name
        slug
        imageUrl
        membersCount
        maxAllowedMemberships
        isViewerAdmin
        members(query: $query, first: $first, last: $last, after: $after, before: $before) {
          edges {
            node {
              id
              ...MemberListFields
            }
          }
          pageInfo {
            hasNextPage
            hasPreviousPage
            startCursor
            endCursor
          }
        }
      }
    }
  `,
  [MemberListFields],
);

/** The API refuses these fields to members who are not admins of the organization, so the page queries them for admins only. */
const administrationQuery = graphql(
  `
    query OrganizationAdministration($id: ID!, $newest: Int!) {
      organization(id: $id) {
        id
        domains {
          id
          ...DomainFields
        }
        roles {
          key
          name
        }
      }
      organizationActs(organizationId: $id) {
        id
        ...ActivityFields
      }
      invitations(organizationId: $id, filter: { status: PENDING }, first: $newest) {
        totalCount
        edges {
          node {
            id
            ...PendingInvitationFields
          }
        }
      }
    }
  `,
  [DomainFields, ActivityFields, PendingInvitationFields],
);

/** Cached per request: the page and its title need the same row. */
const requireOrganization = cache(async (id: string, search: string, place: string) => {
  await requireViewer(paths.memberOrganization(id));
  const variables = { id, query: search || null, ...pageVariables(JSON.parse(place), PAGE_SIZE) };
  try {
    const { organization } = (await query({ query: organizationQuery, variables })).data;
    return organization ?? notFound();
  } catch (error) {
    // The viewer is a former member, whose session still names the organization.
    if (hasErrorCode(error, "FORBIDDEN")) notFound();
    // The cursor in the URL belongs to another list.
    if (hasErrorCode(error, "BAD_USER_INPUT") && place !== "{}")
      redirect(paths.memberOrganization(id));
    throw error;
  }
});

async function organizationOf({ params, searchParams }: Props) {
  const { id } = await params;
  const { q, after, before } = await searchParams;
  const place = JSON.stringify({ after, before });
  return requireOrganization(decodeURIComponent(id), words.parse(q), place);
}

export async function generateMetadata(props: Props) {
  return { title: await titleOr("Organization", async () => (await organizationOf(props)).name) };
}

export default async function MemberOrganizationPage(props: Props) {
  const drawing = await drawOrReport(async () => {
    const dataReadAt = firstQueryAt();
    const organization = await organizationOf(props);
    const { id, name, imageUrl, members, membersCount, isViewerAdmin } = organization;
    const administration = isViewerAdmin ? await administrationOf(id) : null;
    const search = words.parse((await props.searchParams).q);
    const path = paths.memberOrganization(id);
    return (
      <div className="mx-auto flex max-w-2xl flex-col gap-12">
        <LiveOrganization dataReadAt={dataReadAt} />
        <div className="flex flex-col gap-5">
          <Link
            href={paths.home}
            className="self-start text-md text-ink-soft hover:text-ink hover:underline"
          >
            Home
          </Link>
          <div className="flex items-center gap-5">
            <Avatar name={name} imageUrl={imageUrl} shape="organization" size="large" />
            <div className="min-w-0">
              <h1 className="text-xl wrap-anywhere">
                <bdi>{name}</bdi>
              </h1>
              <p className="wrap-anywhere text-ink-soft">
                {memberCount(membersCount, organization.maxAllowedMemberships)}{" "}
                {membersCount === 1 && !organization.maxAllowedMemberships ? "member" : "members"}
              </p>
            </div>
          </div>
        </div>
        {administration && (
          <>
            <OrganizationInvitations
              organization={{ id, name }}
              invitations={administration.invitations.edges.map(({ node }) => node)}
              totalCount={administration.invitations.totalCount}
            />
            <OrganizationDomains domains={administration.organization?.domains ?? []} />
          </>
        )}
        <section aria-labelledby="members" className="flex flex-col gap-4">
          <div className="flex flex-wrap items-center justify-between gap-4">
            <h2 id="members" className="text-lg">
              Members
            </h2>
            {(membersCount >= SEARCHED_FROM || search) && (
              <SearchField label="Search members" value={search} />
            )}
          </div>
          <MemberList
            members={members.edges.map(({ node }) => node)}
            search={search}
            administration={administration && (await memberActsOf(id, administration))}
          />
          <Pager {...pageLinks(path, members.pageInfo, search ? { q: search } : {})} />
        </section>
        {administration && <OrganizationActivity acts={administration.organizationActs} />}
      </div>
    );
  });
  return <MemberPage {...drawing} />;
}

const NEWEST = 100;

async function administrationOf(id: string) {
  const variables = { id, newest: NEWEST };
  return (await query({ query: administrationQuery, variables })).data;
}

/** Returns the data that the buttons for changing and removing members need. */
async function memberActsOf(
  organizationId: string,
  { organization }: ResultOf<typeof administrationQuery>,
) {
  const { user } = await requireViewer(paths.memberOrganization(organizationId));
  const roles = (organization?.roles ?? []).flatMap(({ key, name }) =>
    key ? [{ key, name: roleName(key, name) }] : [],
  );
  return { organizationId, viewerId: user.id, roles };
}
