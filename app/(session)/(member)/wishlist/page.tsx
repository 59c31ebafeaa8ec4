import { pageLinks, pageVariables } from "@/components/list-page";
import { MemberPage } from "@/components/member/member-page";
import { WishlistRow, WishlistRowFields } from "@/components/social/wishlist-row";
import { ButtonLink } from "@/components/ui/button-link";
import { EmptyState } from "@/components/ui/empty-state";
import { Pager } from "@/components/ui/pager";
import { graphql } from "@/lib/document";
import { requireViewer } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";

export const metadata = { title: "Wishlist" };

const PAGE_SIZE = 50;

const wishlistQuery = graphql(
  `
    query Wishlist($first: Int, $last: Int, $after: String, $before: String) {
      viewer {
        id
        wishlist(first: $first, last: $last, after: $after, before: $before) {
          totalCount
          edges {
            cursor
            node {
              id
              ...WishlistRowFields
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
  [WishlistRowFields],
);

export default async function WishlistPage({ searchParams }: PageProps<"/wishlist">) {
  const drawing = await drawOrReport(async () => {
    await requireViewer(paths.wishlist);
    const variables = pageVariables(await searchParams, PAGE_SIZE);
    const { wishlist } = (await query({ query: wishlistQuery, variables })).data.viewer;
    const { edges, pageInfo, totalCount } = wishlist;
    return (
      <div className="mx-auto flex max-w-2xl flex-col gap-8">
        <div className="flex items-center justify-between gap-4">
          <h1 className="text-xl">
            Wishlist{" "}
            {totalCount > 0 && <span className="text-ink-faint tabular-nums">{totalCount}</span>}
          </h1>
          <ButtonLink href={paths.countries}>Countries</ButtonLink>
        </div>
        {edges.length > 0 ? (
          <ul className="rounded-card border border-line bg-surface">
            {edges.map(({ node }) => (
              <WishlistRow key={node.id} item={node} />
            ))}
          </ul>
        ) : (
          <EmptyState
            action={
              <ButtonLink href={paths.countries} variant="primary" size="large">
                Choose countries
              </ButtonLink>
            }
          >
            Your wishlist is empty. Countries you add appear here, newest first.
          </EmptyState>
        )}
        <Pager {...pageLinks(paths.wishlist, pageInfo)} />
      </div>
    );
  });
  return <MemberPage {...drawing} />;
}
