/** The schema builder: plugins, auth scopes and scalars. Types and fields are in `types/`. */
import SchemaBuilder from "@pothos/core";
import PrismaPlugin from "@pothos/plugin-prisma";
import RelayPlugin from "@pothos/plugin-relay";
import ScopeAuthPlugin from "@pothos/plugin-scope-auth";
import type PrismaTypes from "../generated/pothos";
import { getDatamodel } from "../generated/pothos";
import { mayAdminister } from "../identity/viewer";
import { type Context, viewerDbOf } from "./context";
import { accessError } from "./errors";

export const builder = new SchemaBuilder<{
  Context: Context;
  PrismaTypes: PrismaTypes;
  DefaultEdgesNullability: { list: false; items: false };
  DefaultNodeNullability: false;
  Connection: { count: () => Promise<number> };
  /** `anyone`: public, also without a session. `admin` may read data of others; `administer` may change it. */
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

builder.scalarType("DateTime", {
  description: "A time in UTC, as ISO 8601 with milliseconds.",
  serialize: (value) => value.toISOString(),
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
