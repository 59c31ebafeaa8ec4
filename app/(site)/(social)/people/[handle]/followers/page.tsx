import type { Metadata } from "next";
import { notFound, redirect } from "next/navigation";
import { pageLinks, pageVariables } from "@/components/list-page";
import { FollowList } from "@/components/social/follow-list";
import { PersonRowFields } from "@/components/social/person-row";
import { ProfileActionButton } from "@/components/social/profile-action-button";
import { graphql } from "@/lib/document";
import { paths } from "@/lib/paths";
import { query } from "@/lib/query/query";

export const metadata: Metadata = { title: "Followers", robots: { index: false } };

const PAGE_SIZE = 50;

const listQuery = graphql(
  `
    query Followers($handle: String!, $first: Int, $last: Int, $after: String, $before: String) {
      profile(handle: $handle) {
        id
        handle
        name
        isOwn
        isReadable
        followers(first: $first, last: $last, after: $after, before: $before) {
          totalCount
          edges {
            node {
              id
              follower {
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

export default async function FollowersPage({
  params,
  searchParams,
}: PageProps<"/people/[handle]/followers">) {
  const { handle } = await params;
  const variables = { handle, ...pageVariables(await searchParams, PAGE_SIZE) };
  const { profile } = (await query({ query: listQuery, variables })).data;
  if (!profile) notFound();
  if (profile.handle !== handle) redirect(paths.followers(profile.handle));
  const { name, followers } = profile;
  return (
    <FollowList
      title="Followers"
      profile={profile}
      totalCount={followers.totalCount}
      people={followers.edges.map(({ node }) => ({ id: node.id, person: node.follower }))}
      actions={
        profile.isOwn
          ? ({ id, name: who }) => (
              <ProfileActionButton action="follower.remove" profileId={id} name={who} />
            )
          : undefined
      }
      empty={`No one follows ${name} yet.`}
      pages={pageLinks(paths.followers(handle), followers.pageInfo)}
    />
  );
}
