/** The schema builder: plugins, auth scopes and scalars. Types and fields are in `types/`. */
import SchemaBuilder from "@pothos/core";
import PrismaPlugin from "@pothos/plugin-prisma";
import RelayPlugin from "@pothos/plugin-relay";
import ScopeAuthPlugin from "@pothos/plugin-scope-auth";
import { z } from "zod";
import type PrismaTypes from "../generated/pothos";
import { getDatamodel } from "../generated/pothos";
import { mayAdminister } from "../identity/viewer";
import { type Context, viewerDbOf } from "./context";
import { accessError, graphQLError } from "./errors";
import { freshPlugin, requireFresh } from "./fresh";
import { COUNT_LIMIT, isEstimated, type Plan } from "./types/estimate";

export const builder = new SchemaBuilder<{
  Context: Context;
  PrismaTypes: PrismaTypes;
  DefaultEdgesNullability: { list: false; items: false };
  DefaultNodeNullability: false;
  Connection: {
    /** Counts the rows of all pages; stops at the limit, if one is given. */
    count: (limit?: number) => Promise<number>;
    /** True if the page has all rows, so that `count` needs no statement. */
    isWhole?: boolean;
    /** What Postgres expects of reading all rows. */
    plan?: () => Promise<Plan>;
    isSimilar?: boolean;
  };
  /**
   * `anyone`: public, no session needed. `viewer`: any signed-in user. `admin`: a platform admin, who may read the data of other
   * users, even in an impersonated session. `administer`: a platform admin outside an impersonated session, who may change the
   * data of other users.
   */
  AuthScopes: { anyone: boolean; viewer: boolean; admin: boolean; administer: boolean };
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    JSON: { Input: never; Output: unknown };
  };
}>({
  // A plugin wraps the resolvers of those after it: `fresh` runs after the auth scopes.
  plugins: [ScopeAuthPlugin, freshPlugin, RelayPlugin, PrismaPlugin],
  scopeAuth: {
    authorizeOnSubscribe: true,
    authScopes: ({ authentication: { viewer } }) => ({
      anyone: true,
      viewer: viewer !== null,
      admin: viewer?.isAdmin ?? false,
      administer: mayAdminister(viewer),
    }),
    unauthorizedError: (_parent, context) => accessError(context),
  },
  fresh: { require: requireFresh },
  relay: {
    edgesFieldOptions: { nullable: { list: false, items: false } },
    nodeFieldOptions: { nullable: false },
  },
  prisma: {
    client: viewerDbOf,
    dmmf: getDatamodel(),
    onUnusedQuery: null,
  },
});

/** Accepts times of the years 1 to 9999, like the mirror. Postgres cannot read the ISO text of other years. */
const inputTime = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .refine(
    (time) => time >= new Date("0001-01-01T00:00:00Z") && time < new Date(253_402_300_800_000),
  );

builder.scalarType("DateTime", {
  description:
    "A time as ISO 8601 text of the years 1 to 9999; in results in UTC, with milliseconds.",
  serialize: (value) => value.toISOString(),
  parseValue: (value) => {
    const parsed = inputTime.safeParse(value);
    if (parsed.success) return parsed.data;
    throw graphQLError("BAD_USER_INPUT", "A time is ISO 8601 text, like 2026-11-28T10:00:00Z.");
  },
});

builder.scalarType("JSON", {
  description: "Any JSON value. Only in results.",
  serialize: (value) => value,
});

builder.globalConnectionField("totalCount", (t) =>
  t.int({
    nullable: false,
    description: "The number of items on all pages.",
    resolve: ({ count }) => count(),
  }),
);

const CountPrecision = builder.enumType("CountPrecision", {
  values: {
    EXACT: {},
    AT_LEAST: { description: "There are more rows than this." },
    ESTIMATE: { description: "From the statistics of Postgres." },
  } as const,
});

type ListCount = { number: number; precision: typeof CountPrecision.$inferType };

const ListCountType = builder.objectRef<ListCount>("ListCount").implement({
  description: "The number of items on all pages, as exactly as it can be known at little cost.",
  authScopes: { anyone: true },
  fields: (t) => ({
    number: t.exposeInt("number", { nullable: false }),
    precision: t.expose("precision", { type: CountPrecision, nullable: false }),
  }),
});

builder.globalConnectionField("count", (t) =>
  t.field({
    type: ListCountType,
    nullable: false,
    // A viewer who may read the connection may also read the number of its rows.
    authScopes: { anyone: true },
    description: `Exact up to ${COUNT_LIMIT} where counting is cheap. \`totalCount\` is always exact.`,
    resolve: async ({ count, isWhole, plan }): Promise<ListCount> => {
      const planned = isWhole ? undefined : await plan?.();
      if (planned && isEstimated(planned)) return { number: planned.rows, precision: "ESTIMATE" };
      const number = await count(COUNT_LIMIT + 1);
      if (number <= COUNT_LIMIT) return { number, precision: "EXACT" };
      return planned && planned.rows > COUNT_LIMIT
        ? { number: planned.rows, precision: "ESTIMATE" }
        : { number: COUNT_LIMIT, precision: "AT_LEAST" };
    },
  }),
);

builder.queryType({});
builder.mutationType({});
builder.subscriptionType({});
