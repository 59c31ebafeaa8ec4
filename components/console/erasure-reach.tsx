"use client";

import { useQuery } from "@apollo/client/react";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { graphql, type VariablesOf } from "@/lib/document";
import { formatCount } from "@/lib/format";

const reachQuery = graphql(`
  query ErasureReach($kind: ErasureSubject!, $id: ID!) {
    erasureReach(kind: $kind, id: $id) {
      table
      rows
      isDeleted
    }
  }
`);

const nameOf = (table: string) => table.replaceAll("_", " ");

/** Says before a deletion what its erasure will reach, by table. */
export function ErasureReach({ kind, id }: VariablesOf<typeof reachQuery>) {
  const { data, error } = useQuery(reachQuery, {
    variables: { kind, id },
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
