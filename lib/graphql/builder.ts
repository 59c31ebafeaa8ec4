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

export const builder = new SchemaBuilder<{
  Context: Context;
  PrismaTypes: PrismaTypes;
  DefaultEdgesNullability: { list: false; items: false };
  DefaultNodeNullability: false;
  Connection: { count: () => Promise<number> };
  /**
   * `anyone`: public, no session needed. `viewer`: any signed-in user. `admin`: a platform admin, also while impersonated, may
   * read others' data. `administer`: a platform admin, but not while impersonated, may change others' data.
   */
  AuthScopes: { anyone: boolean; viewer: boolean; admin: boolean; administer: boolean };
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    JSON: { Input: never; Output: unknown };
  };
}>({
  plugins: [ScopeAuthPlugin, RelayPlugin, PrismaPlugin],
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

/** Accepts times of the years 1 to 9999, as the mirror stores. Postgres cannot read the ISO text of other years. */
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

builder.queryType({});
builder.mutationType({});
builder.subscriptionType({});
