"use client";

import { useQuery } from "@apollo/client/react";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { graphql, type VariablesOf } from "@/lib/document";
import { formatCount } from "@/lib/format";

const reachQuery = graphql(`
  query ErasureReach($kind: ErasureSubject!, $ids: [ID!]!) {
    erasureReach(kind: $kind, ids: $ids) {
      table
      rows
      isDeleted
    }
  }
`);

const nameOf = (table: string) => table.replaceAll("_", " ");

/** The API counts the rows of so many objects. */
const COUNTED = 25;

/** Says before a deletion what its erasures will reach, by table. */
export function ErasureReach(props: {
  kind: VariablesOf<typeof reachQuery>["kind"];
  ids: string[];
}) {
  const { kind } = props;
  const ids = props.ids.slice(0, COUNTED);
  const { data, error } = useQuery(reachQuery, {
    variables: { kind, ids },
    fetchPolicy: "network-only",
  });
  if (error) {
    return (
      <p role="alert" className="text-md text-pretty text-warn">
        What the erasure will reach didn’t load. Look at the object’s page before you delete it.
      </p>
    );
  }
  if (!data) {
    return (
      <Loading what="what will be erased">
        <Skeleton className="h-24 w-full" />
      </Loading>
    );
  }
  const total = data.erasureReach.reduce((sum, { rows }) => sum + rows, 0);
  return (
    <section aria-label="What will be erased" className="flex flex-col gap-1.5">
      <h3 className="text-md font-strong">
        Erases {formatCount(total)} {total === 1 ? "row" : "rows"} here
        {props.ids.length > COUNTED && ` for the first ${COUNTED} of them`}
      </h3>
      <ul className="max-h-40 overflow-y-auto rounded-control border border-line px-3 py-2 text-sm text-ink-soft">
        {data.erasureReach.map(({ table, rows, isDeleted }) => (
          <li key={table} className="flex justify-between gap-3 py-0.5">
            <span>
              {nameOf(table)}
              {!isDeleted && <span className="text-ink-faint"> (emptied)</span>}
            </span>
            <span className="tabular-nums">{formatCount(rows)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
