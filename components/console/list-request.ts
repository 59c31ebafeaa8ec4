/** The parameters of a list's URL: words in `?q=`, a cursor in `?after=` or `?before=`, `?sort=`, and one for each filter. */
import { redirect } from "next/navigation";
import { z } from "zod";
import { hasErrorCode } from "@/components/has-error-code";
import { searchText } from "@/components/list-page";
import type { Sorting } from "@/components/ui/table";
import { type Filter, isRange, type ListControls, type Sort } from "./list-controls";
import { hrefOf } from "./list-href";

const PAGE_SIZE = 50;

/** A cursor may hold 100 characters of a name, as base64 of JSON. */
const cursor = z.string().min(1).max(1_500).optional().catch(undefined);

const parameters = z.object({
  // Drops control characters, as Postgres refuses NUL. The API accepts at most 8 words and 200 characters.
  q: z
    .string()
    .transform((words) =>
      words
        .replaceAll(/\p{Cc}/gu, " ")
        .trim()
        .slice(0, 200)
        .replace(/^((?:\S+\s+){7}\S+).*$/s, "$1"),
    )
    .catch(""),
  after: cursor,
  before: cursor,
});

export type PageInfo = {
  hasNextPage: boolean;
  hasPreviousPage: boolean;
  startCursor: string | null;
  endCursor: string | null;
};

/** An active filter: the chip's label, and the list's URL without this filter. */
export type Chip = { label: string; removed: string };

export type ListRequest<Input, Field> = {
  /** The path of the list's page. */
  path: string;
  /** The search words as typed; empty without a search. */
  words: string;
  /** The search, filters and order of the URL, without its cursor. */
  kept: Record<string, string>;
  chips: Chip[];
  /** The links of the table's headers. */
  sorting: Sorting;
  /** The arguments of the GraphQL connection. */
  variables: {
    query: string | null;
    filter: Input | null;
    orderBy: Sort<Field>;
    first?: number;
    after?: string;
    last?: number;
    before?: string;
  };
};

/** The request of a list with these controls. */
export type ListRequestOf<Controls> =
  Controls extends ListControls<infer Input, infer Field> ? ListRequest<Input, Field> : never;

const texts = z.record(z.string(), z.unknown()).catch({});
const aText = searchText(200);
const aDay = z.iso.date().catch("");

/** Returns the parameters that the list has. Leaves out an unknown choice or an invalid day. */
function keptOf<Input, Field extends string>(
  given: Record<string, unknown>,
  { filters, sorts }: ListControls<Input, Field>,
) {
  const kept: Record<string, string> = {};
  const keep = (name: string, value: string) => {
    if (value) kept[name] = value;
  };
  for (const filter of filters) {
    const { name } = filter;
    if (filter.kind === "text") keep(name, aText.parse(given[name]));
    else if (isRange(filter)) {
      for (const end of [`${name}-from`, `${name}-to`])
        keep(end, rangeEnds[filter.kind].parse(given[end]));
    } else keep(name, filter.options.find(({ value }) => value === given[name])?.value ?? "");
  }
  const sort = aText.parse(given.sort);
  if (sorts.some(({ field }) => field.toLowerCase() === sort.replace(/^-/, ""))) kept.sort = sort;
  return kept;
}

/** A whole number of at most nine digits, which always fits GraphQL's Int. */
const aCount = z
  .string()
  .regex(/^\d{1,9}$/)
  .catch("");

/** A time of the years 1 to 9999, in UTC and without its zone, as browsers send `datetime-local`. A day begins at midnight. */
const aTime = z
  .string()
  .regex(/^(?!0000)\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?)?$/)
  .transform((time) => (time.includes("T") ? time : `${time}T00:00`))
  .refine((time) => !Number.isNaN(Date.parse(`${time}Z`)))
  .catch("");

const rangeEnds = { days: aDay, times: aTime, count: aCount };

/** Parses the parameters of a list's URL. Ignores malformed ones; never throws. */
export async function parseListRequest<Input extends object, Field extends string>(
  path: string,
  searchParams: Promise<unknown>,
  controls: ListControls<Input, Field>,
): Promise<ListRequest<Input, Field>> {
  const given = texts.parse(await searchParams);
  const { q, after, before } = parameters.parse(given);
  const kept: Record<string, string> = { ...(q && { q }), ...keptOf(given, controls) };
  const { filter, chips } = filtersOf(path, kept, controls);
  const orderBy = sortOf(kept.sort, controls);
  const page = before ? { last: PAGE_SIZE, before } : { first: PAGE_SIZE, after };
  return {
    path,
    words: q,
    kept,
    chips,
    sorting: sortingOf(path, kept, orderBy, controls),
    variables: { query: q || null, filter, orderBy, ...page },
  };
}

function sortOf<Input, Field extends string>(
  sort: string | undefined,
  { sorts }: ListControls<Input, Field>,
): Sort<Field> {
  const isDescending = sort?.startsWith("-") ?? false;
  const found = sorts.find(({ field }) => field.toLowerCase() === sort?.replace(/^-/, ""));
  if (!found) return { field: sorts[0].field, direction: sorts[0].first };
  return { field: found.field, direction: isDescending ? "DESC" : "ASC" };
}

/** Returns the parameters for the first page of the list in another order. The list's default order needs no parameter. */
function inOrder<Input, Field extends string>(
  kept: Record<string, string>,
  { field, direction }: Sort<Field>,
  { sorts }: ListControls<Input, Field>,
): Record<string, string> {
  const { sort: _sort, ...rest } = kept;
  if (field === sorts[0].field && direction === sorts[0].first) return rest;
  return { ...rest, sort: `${direction === "DESC" ? "-" : ""}${field.toLowerCase()}` };
}

function sortingOf<Input, Field extends string>(
  path: string,
  kept: Record<string, string>,
  sort: Sort<Field>,
  controls: ListControls<Input, Field>,
): Sorting {
  return {
    ...sort,
    hrefOf: (name) => {
      const choice = controls.sorts.find(({ field }) => field === name);
      if (!choice) return null;
      const { field, first } = choice;
      const reversed = sort.direction === "ASC" ? "DESC" : "ASC";
      const direction = field === sort.field ? reversed : first;
      return hrefOf(path, inOrder(kept, { field, direction }, controls));
    },
  };
}

type Place = { path: string; kept: Record<string, string> };

/** Returns the URLs of the previous and next page of a list, null where there is none. */
export function pagerLinks({ path, kept }: Place, page: PageInfo) {
  const { startCursor, endCursor, hasPreviousPage, hasNextPage } = page;
  return {
    newer: hasPreviousPage && startCursor ? hrefOf(path, { ...kept, before: startCursor }) : null,
    older: hasNextPage && endCursor ? hrefOf(path, { ...kept, after: endCursor }) : null,
  };
}

const without = (kept: Record<string, string>, ...names: string[]) =>
  Object.fromEntries(Object.entries(kept).filter(([name]) => !names.includes(name)));

/** Converts the URL's filters to the API's filter, and to chips that show and remove them. */
function filtersOf<Input extends object, Field>(
  path: string,
  kept: Record<string, string>,
  controls: ListControls<Input, Field>,
): { filter: Input | null; chips: Chip[] } {
  let filterInput: Input | null = null;
  const chips: Chip[] = [];
  const add = (filter: Filter<Input>, input: Input, value: string, ...names: string[]) => {
    filterInput = { ...filterInput, ...input };
    chips.push({
      label: `${filter.label}: ${value}`,
      removed: hrefOf(path, without(kept, ...names)),
    });
  };
  for (const filter of controls.filters) {
    const { name } = filter;
    const value = kept[name];
    if (isRange(filter)) {
      const ends = [`${name}-from`, `${name}-to`] as const;
      const [from, to] = [kept[ends[0]], kept[ends[1]]];
      if (from ?? to)
        add(filter, filter.input({ from, to }), rangeText(filter.kind, from, to), ...ends);
    } else if (value && filter.kind === "text") add(filter, filter.input(value), value, name);
    else if (value && filter.kind === "choice") {
      const option = filter.options.find((each) => each.value === value);
      if (option) add(filter, option.input, option.label, name);
    }
  }
  return { filter: filterInput, chips };
}

function rangeText(kind: string, first: string | undefined, last: string | undefined): string {
  const [from, to] =
    kind === "times" ? [first, last].map((time) => time?.replace("T", " ")) : [first, last];
  if (from && to) return from === to ? from : `${from} to ${to}`;
  return from ? `from ${from}` : `up to ${to}`;
}

/**
 * Resolves to the data of a list's query. Redirects to the list's first page when the API refuses the URL's cursor.
 * @throws any other error of the query.
 */
export async function redirectOnRefusedCursor<Data>(
  result: Promise<{ data: Data }>,
  { path, kept }: Place,
): Promise<Data> {
  const { data } = await result.catch((error) => {
    if (hasErrorCode(error, "BAD_USER_INPUT")) redirect(hrefOf(path, kept));
    throw error;
  });
  return data;
}
