import { ListPage } from "@/components/console/list-page";
import { answerOf, listRequestOf, pagerOf } from "@/components/console/list-request";
import { NoMatch } from "@/components/console/no-match";
import { PeopleTable, PersonRow } from "@/components/console/people-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Pager } from "@/components/ui/pager";
import { graphql } from "@/lib/document";
import { requireAdmin } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { query } from "@/lib/query/query";

export const metadata = { title: "People" };

const peopleQuery = graphql(
  `
    query People($query: String, $first: Int, $after: String, $last: Int, $before: String) {
      users(query: $query, first: $first, after: $after, last: $last, before: $before) {
        totalCount
        edges {
          node {
            id
            ...PersonRow
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
  `,
  [PersonRow],
);

export default async function PeoplePage({ searchParams }: { searchParams: Promise<unknown> }) {
  await requireAdmin(paths.people);
  const { words, variables } = await listRequestOf(searchParams);
  const { users } = await answerOf(query({ query: peopleQuery, variables }), paths.people, words);
  const { totalCount, edges, pageInfo } = users;
  return (
    <ListPage title="People" count={totalCount} search={{ label: "Search people", words }}>
      {edges.length > 0 ? (
        <PeopleTable people={edges.map(({ node }) => node)} />
      ) : words ? (
        <NoMatch words={words} clearedHref={paths.people} />
      ) : (
        <EmptyState>No people yet. A person appears here as soon as they sign up.</EmptyState>
      )}
      <Pager {...pagerOf(paths.people, words, pageInfo)} />
    </ListPage>
  );
}
