import type { Metadata } from "next";
import { notFound, redirect } from "next/navigation";
import { pageLinks, pageVariables } from "@/components/list-page";
import { FollowList } from "@/components/social/follow-list";
import { PersonRowFields } from "@/components/social/person-row";

import { graphql } from "@/lib/document";
import { paths } from "@/lib/paths";
import { query } from "@/lib/query/query";

export const metadata: Metadata = { title: "Following", robots: { index: false } };

const PAGE_SIZE = 50;

const listQuery = graphql(
  `
    query Following($handle: String!, $first: Int, $last: Int, $after: String, $before: String) {
      profile(handle: $handle) {
        id
        handle
        name
        isOwn
        isReadable
        following(first: $first, last: $last, after: $after, before: $before) {
          totalCount
          edges {
            node {
              id
              followed {
                id
                ...PersonRowFields
              }
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
  [PersonRowFields],
);

export default async function FollowingPage({
  params,
  searchParams,
}: PageProps<"/people/[handle]/following">) {
  const { handle } = await params;
  const variables = { handle, ...pageVariables(await searchParams, PAGE_SIZE) };
  const { profile } = (await query({ query: listQuery, variables })).data;
  if (!profile) notFound();
  if (profile.handle !== handle) redirect(paths.following(profile.handle));
  const { name, following } = profile;
  return (
    <FollowList
      title="Following"
      profile={profile}
      totalCount={following.totalCount}
      people={following.edges.map(({ node }) => ({ id: node.id, person: node.followed }))}
      empty={`${name} follows no one yet.`}
      pages={pageLinks(paths.following(handle), following.pageInfo)}
    />
  );
}
