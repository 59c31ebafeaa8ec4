import type { Metadata } from "next";
import { notFound, redirect } from "next/navigation";
import { cache } from "react";
import { pageLinks, pageVariables } from "@/components/list-page";
import { CountryCard, CountryCardFields } from "@/components/social/country-card";
import { ProfileHeader, ProfileHeaderFields } from "@/components/social/profile-header";
import { ButtonLink } from "@/components/ui/button-link";
import { EmptyState } from "@/components/ui/empty-state";
import { Pager } from "@/components/ui/pager";
import { graphql } from "@/lib/document";
import { formatCount } from "@/lib/format";
import { currentViewer } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { query } from "@/lib/query/query";

const PAGE_SIZE = 48;

const profileHeadQuery = graphql(`
  query ProfileHead($handle: String!) {
    profile(handle: $handle) {
      id
      handle
      name
    }
  }
`);

const findHead = cache(
  async (handle: string) =>
    (await query({ query: profileHeadQuery, variables: { handle } })).data.profile,
);

const profileQuery = graphql(
  `
    query Profile($handle: String!, $first: Int, $last: Int, $after: String, $before: String) {
      profile(handle: $handle) {
        id
        name
        isOwn
        isReadable
        followState
        ...ProfileHeaderFields
        wishlist(first: $first, last: $last, after: $after, before: $before) {
          totalCount
          edges {
            node {
              id
              country {
                id
                ...CountryCardFields
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
  [ProfileHeaderFields, CountryCardFields],
);

type Props = PageProps<"/people/[handle]">;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const head = await findHead((await params).handle);
  if (!head) return { title: "Not found" };
  return { title: head.name, description: `The countries on the wishlist of ${head.name}.` };
}

export default async function ProfilePage({ params, searchParams }: Props) {
  const { handle } = await params;
  const head = await findHead(handle);
  if (!head) notFound();
  if (head.handle !== handle) redirect(paths.person(head.handle));
  const variables = { handle, ...pageVariables(await searchParams, PAGE_SIZE) };
  const { profile } = (await query({ query: profileQuery, variables })).data;
  if (!profile) notFound();
  const { viewer } = await currentViewer();
  const { wishlist, name, isOwn, isReadable, followState } = profile;
  return (
    <article className="mx-auto flex max-w-3xl flex-col gap-10">
      <ProfileHeader profile={profile} isGuest={viewer === null} />
      {isReadable ? (
        <section aria-labelledby="wishlist" className="flex flex-col gap-4">
          <h2 id="wishlist" className="text-lg">
            Wishlist{" "}
            {wishlist.totalCount > 0 && (
              <span className="text-ink-faint tabular-nums">
                {formatCount(wishlist.totalCount)}
              </span>
            )}
          </h2>
          {wishlist.edges.length > 0 ? (
            <ul className="grid gap-3 sm:grid-cols-2">
              {wishlist.edges.map(
                ({ node }) => node.country && <CountryCard key={node.id} country={node.country} />,
              )}
            </ul>
          ) : (
            <EmptyState
              action={isOwn && <ButtonLink href={paths.countries}>Choose countries</ButtonLink>}
            >
              {isOwn
                ? "Your wishlist is empty. Countries you add appear here."
                : `${name} has no countries on their wishlist yet.`}
            </EmptyState>
          )}
          <Pager {...pageLinks(paths.person(handle), wishlist.pageInfo)} />
        </section>
      ) : (
        <EmptyState>
          {followState === "REQUESTED"
            ? `You asked to follow ${name}. You see the wishlist once your request is accepted.`
            : `This profile is private. Only followers whom ${name} accepts see the wishlist.`}
        </EmptyState>
      )}
    </article>
  );
}
