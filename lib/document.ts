/**
 * Exports `graphql()`, which gives GraphQL documents the types of the committed schema. `npm run graphql:check` checks all
 * documents against that schema.
 */
import { initGraphQLTada } from "gql.tada";
import type { introspection } from "./graphql/introspection";

export const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: { DateTime: string; ID: string };
}>();

export type { FragmentOf, ResultOf, VariablesOf } from "gql.tada";
export { readFragment } from "gql.tada";
