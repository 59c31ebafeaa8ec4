/**
 * The parameters of a list's URL: words in `?q=`, a cursor in `?after=` or `?before=`, `?sort=`, one parameter for each filter,
 * `?columns=`, `?density=` and `?size=`. `?show=` is the row in the side sheet, `?from=` the number of the page's first row.
 */
import { redirect } from "next/navigation";
import { z } from "zod";
import { hasErrorCode } from "@/components/has-error-code";
import { searchText } from "@/components/list-page";
import type { ColumnChoice, Sorting, TableLayout } from "@/components/ui/table";
import { formatDay } from "@/lib/format";
import { type Filter, isRange, type ListControls, type Sort } from "./list-controls";
import { hrefOf } from "./list-href";

/** The page sizes to choose from. The first size applies when the URL has no `?size=`. */
export const pageSizes = ["50", "25", "100"] as const;

/** A cursor is base64 of JSON. 1,500 characters suffice: the JSON may contain up to 100 characters of a name. */
const cursor = z.string().min(1).max(1_500).optional().catch(undefined);

const parameters = z.object({
  // The API accepts at most 8 words and 200 characters.
  q: searchText(200).transform((words) => words.replace(/^((?:\S+\s+){7}\S+).*$/s, "$1")),
  after: cursor,
  before: cursor,
  show: z.string().min(1).max(200).nullable().catch(null),
  from: z
    .string()
    .regex(/^[1-9]\d{0,8}$/)
    .transform(Number)
    .nullable()
    .catch(null),
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
  /**
   * The list's search, filters, order and layout, as URL parameters. Excludes the cursor, so a URL with them opens the first
   * page.
   */
  kept: Record<string, string>;
  chips: Chip[];
  /** Sentences that tell the user which columns and which order of the URL this list does not have. */
  notices: string[];
  /** The sort links of the table's headers. */
  sorting: Sorting;
  layout: TableLayout;
  /** The position of the page's first row in the whole list, from 1; null if it is not known. */
  from: number | null;
  size: number;
  /** The URL of this page without the side sheet. */
  sheetClosedHref: string;
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

/** Derives the `ListRequest` type of a list from the type of its controls. */
export type ListRequestOf<Controls> =
  Controls extends ListControls<infer Input, infer Field> ? ListRequest<Input, Field> : never;

const texts = z.record(z.string(), z.unknown()).catch({});
const aText = searchText(200);
const aDay = z.iso.date().catch("");

/** Parses a comma-separated list of column ids, such as "email,state". Drops malformed and repeated ids. */
const listOf = (text: unknown) =>
  searchText(1_000)
    .parse(text)
    .split(",")
    .filter((id, index, ids) => /^[a-z0-9-]{1,40}$/.test(id) && ids.indexOf(id) === index);

/**
 * Returns the filters, order and layout in `given` that the list supports. Drops invalid values, such as an unknown choice or an
 * invalid day.
 */
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
  const size = aText.parse(given.size);
  if (pageSizes.slice(1).some((choice) => choice === size)) kept.size = size;
  if (given.density === "compact") kept.density = "compact";
  keep("columns", listOf(given.columns).join(","));
  const sort = aText.parse(given.sort);
  if (sorts.some(({ field }) => field.toLowerCase() === sort.replace(/^-/, ""))) kept.sort = sort;
  return kept;
}

/** A whole number of at most nine digits, which always fits GraphQL's Int. */
const aCount = z
  .string()
  .regex(/^\d{1,9}$/)
  .catch("");

/**
 * Parses a UTC time in the format of a `datetime-local` field, which has no time zone. Years are 1 to 9999. A day without a time
 * becomes midnight.
 */
const aTime = z
  .string()
  .regex(/^(?!0000)\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?)?$/)
  .transform((time) => (time.includes("T") ? time : `${time}T00:00`))
  .refine((time) => !Number.isNaN(Date.parse(`${time}Z`)))
  .catch("");

const rangeEnds = { days: aDay, times: aTime, count: aCount };

/**
 * Parses the parameters of a list's URL. Ignores malformed parameters; never throws. `remembered`: the layout that the admin
 * chose last for the list, as parameters.
 */
export async function parseListRequest<Input extends object, Field extends string>(
  path: string,
  searchParams: Promise<unknown>,
  controls: ListControls<Input, Field>,
  columns: ColumnChoice[] = [],
  remembered: Promise<string> | string = "",
): Promise<ListRequest<Input, Field>> {
  const given = withLayout(texts.parse(await searchParams), await remembered);
  const { q, after, before, show, from } = parameters.parse(given);
  const kept: Record<string, string> = { ...(q && { q }), ...keptOf(given, controls) };
  const chosen = kept.columns?.split(",") ?? null;
  const isColumn = (id: string) => columns.length === 0 || columns.some((each) => each.id === id);
  const gone = chosen?.filter((id) => !isColumn(id)) ?? [];
  const { filter, chips } = filtersOf(path, kept, controls);
  const orderBy = sortOf(kept.sort, controls);
  const size = Number(kept.size ?? pageSizes[0]);
  const page = before ? { last: size, before } : { first: size, after };
  const isFirstPage = !before && !after;
  const cursor = { ...(after && { after }), ...(before && { before }) };
  const place = { ...kept, ...cursor, ...(from && { from: String(from) }) };
  return {
    path,
    words: q,
    kept,
    chips,
    notices: noticesOf(given, gone, controls),
    sorting: sortingOf(path, kept, orderBy, controls),
    layout: {
      path,
      requestKey: JSON.stringify(place),
      columns: chosen?.filter(isColumn) ?? null,
      isCompact: kept.density === "compact",
      sheetHrefOf: (id) => hrefOf(path, { ...place, show: id }),
      shownId: show,
    },
    from: isFirstPage ? 1 : from,
    size,
    sheetClosedHref: hrefOf(path, place),
    variables: { query: q || null, filter, orderBy, ...page },
  };
}

const layoutNames = ["columns", "density", "size"];

/** Returns the parameters of the URL. If they contain no layout, adds the remembered layout of the list. */
function withLayout(given: Record<string, unknown>, remembered: string): Record<string, unknown> {
  if (layoutNames.some((name) => name in given)) return given;
  const layout = new URLSearchParams(remembered);
  return {
    ...given,
    ...Object.fromEntries(layoutNames.map((name) => [name, layout.get(name) ?? undefined])),
  };
}

/**
 * Returns the notices for a URL that names columns or an order that the list does not have, as an old saved view may. One
 * sentence covers all missing columns, another the order.
 */
function noticesOf<Input, Field extends string>(
  given: Record<string, unknown>,
  gone: string[],
  { sorts }: ListControls<Input, Field>,
): string[] {
  const sort = aText.parse(given.sort).replace(/^-/, "");
  const isSort = sort === "" || sorts.some(({ field }) => field.toLowerCase() === sort);
  const names = gone.map((id) => `“${id}”`).join(", ");
  return [
    ...(gone.length > 0
      ? [`This list has no column ${names} any more. The others are shown.`]
      : []),
    ...(isSort ? [] : [`This list cannot be sorted by “${sort}” any more. It has its own order.`]),
  ];
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

/** Returns the URLs of the previous and next page of a list, null where there is none. `rowCount`: the rows of this page. */
export function pagerLinks(
  {
    path,
    kept,
    from,
    size,
  }: Pick<ListRequest<unknown, unknown>, "path" | "kept" | "from" | "size">,
  page: PageInfo,
  rowCount: number,
) {
  const { startCursor, endCursor, hasPreviousPage, hasNextPage } = page;
  const at = (row: number): Record<string, string> =>
    from === null ? {} : { from: String(Math.max(1, row)) };
  return {
    previous:
      hasPreviousPage && startCursor
        ? hrefOf(path, { ...kept, before: startCursor, ...at((from ?? 0) - size) })
        : null,
    next:
      hasNextPage && endCursor
        ? hrefOf(path, { ...kept, after: endCursor, ...at((from ?? 0) + rowCount) })
        : null,
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
  const [from, to] = [first, last].map((end) => {
    if (end === undefined || kind === "count") return end;
    return kind === "times" ? end.replace("T", " ") : formatDay(Date.parse(end));
  });
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
