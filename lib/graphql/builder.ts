/** The schema builder: plugins, scopes, and nothing of any noun. */
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
  /** `admin` may look at what is not theirs; `administer` may change it. */
  AuthScopes: { viewer: boolean; admin: boolean; administer: boolean };
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
  };
}>({
  plugins: [ScopeAuthPlugin, RelayPlugin, PrismaPlugin],
  scopeAuth: {
    authorizeOnSubscribe: true,
    authScopes: ({ authentication: { viewer } }) => ({
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
  description: "A moment in UTC, ISO 8601 with milliseconds.",
  serialize: (value) => value.toISOString(),
});

builder.globalConnectionField("totalCount", (t) =>
  t.int({
    nullable: false,
    description: "How many there are on all pages together.",
    resolve: ({ count }) => count(),
  }),
);

builder.queryType({});
builder.mutationType({});
builder.subscriptionType({});
