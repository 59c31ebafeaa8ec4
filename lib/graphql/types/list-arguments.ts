/** The arguments that sort and filter lists. Each list has its own input types and its own indexes. */
import { builder } from "../builder";
import { graphQLError } from "../errors";
import type { ListOrder, SortKey } from "./keyset-pagination";
import { isStorable } from "./storable-text";

const OrderDirection = builder.enumType("OrderDirection", {
  description:
    "Rows without a value are last when times are DESC and text is ASC, and first in the reverse order.",
  values: ["ASC", "DESC"] as const,
});

/**
 * Defines the argument `orderBy` of a list, and translates its value to an order. Without a value, the first of `keys` is used.
 * `Where` and `OrderBy` are Prisma's types, which check that each key is a column.
 */
export function listOrders<Row, Where, OrderBy>(
  list: string,
  keys: Record<string, SortKey<Row, Where, OrderBy[]>>,
) {
  const choices = Object.entries(keys).map(([name, key]) => ({ name, key }));
  const [fallback] = choices;
  if (!fallback) throw new Error(`The list ${list} has no order.`);
  const Field = builder.enumType(`${list}OrderField`, {
    values: choices.map(({ name }) => name),
  });
  const input = builder.inputType(`${list}Order`, {
    fields: (t) => ({
      field: t.field({ type: Field, required: true }),
      direction: t.field({
        type: OrderDirection,
        description: "Newest first, or A to Z, unless given.",
      }),
    }),
  });
  type Chosen = { field: string; direction?: "ASC" | "DESC" | null };
  return {
    input,
    orderOf(chosen: Chosen | null | undefined): ListOrder<Row, Where, OrderBy[]> {
      const { name, key } = choices.find(({ name }) => name === chosen?.field) ?? fallback;
      const isReversed = (chosen?.direction ?? key.direction) !== key.direction;
      return { name: `${list} ${name}${isReversed ? " reversed" : ""}`, key, isReversed };
    },
  };
}

export const TimeRange = builder.inputType("TimeRange", {
  description: "A row without a time is in no range.",
  fields: (t) => ({
    from: t.field({ type: "DateTime", description: "Inclusive." }),
    until: t.field({ type: "DateTime", description: "Exclusive." }),
  }),
});

export const IntRange = builder.inputType("IntRange", {
  fields: (t) => ({
    min: t.int({ description: "Inclusive." }),
    max: t.int({ description: "Inclusive." }),
  }),
});

type Range<Value> = { [Name in string]?: Value | null };

/** Returns a list with the condition for one attribute of a filter; an empty list if the attribute has no value. */
export function given<Value, Where>(
  value: Value | null | undefined,
  where: (value: Value) => Where,
): Where[] {
  return value === null || value === undefined ? [] : [where(value)];
}

const MAX_IDS = 1_000;
export const ONLY_IDS = `Only the rows with these ids, at most ${MAX_IDS.toLocaleString("en-GB")}.`;

/** The condition that a row is one of these. @throws GraphQLError for too many. */
export function withIds(ids: readonly string[]) {
  if (ids.length > MAX_IDS) throw graphQLError("BAD_USER_INPUT", `Give at most ${MAX_IDS} ids.`);
  return { id: { in: ids.filter(isStorable) } };
}

export const inTimeRange = ({ from, until }: Range<Date>) => ({
  ...(from && { gte: from }),
  ...(until && { lt: until }),
});

export const inIntRange = ({ min, max }: Range<number>) => ({
  ...(min != null && { gte: min }),
  ...(max != null && { lte: max }),
});

/** Returns the text. @throws GraphQLError if Postgres cannot store it. */
export function storable(text: string): string {
  if (isStorable(text)) return text;
  throw graphQLError("BAD_USER_INPUT", "A filter has a character that no value has.");
}
