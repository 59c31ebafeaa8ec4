import { GraphQLObjectType, GraphQLSchema, GraphQLString } from "graphql";
import { expect, test } from "vitest";
import { fieldsWithoutAuthScopes, requireAuthScopes } from "./default-deny";

const rule = { pothosOptions: { authScopes: { viewer: true } } };

test("a schema with a field without authScopes is refused", () => {
  const Guarded = new GraphQLObjectType({
    name: "Guarded",
    extensions: rule,
    fields: { secret: { type: GraphQLString } },
  });
  const Open = new GraphQLObjectType({
    name: "Open",
    fields: {
      scoped: { type: GraphQLString, extensions: rule },
      forgotten: { type: GraphQLString, extensions: { pothosOptions: {} } },
    },
  });
  const DataConnection = new GraphQLObjectType({
    name: "DataConnection",
    fields: { edges: { type: GraphQLString }, secret: { type: GraphQLString } },
  });
  const text = { type: GraphQLString };
  const Pages = new GraphQLObjectType({
    name: "PagesConnection",
    fields: { edges: text, pageInfo: text, totalCount: text, secret: text },
  });
  const query = new GraphQLObjectType({
    name: "Query",
    fields: {
      guarded: { type: Guarded, extensions: rule },
      open: { type: Open },
      data: { type: DataConnection, extensions: rule },
      pages: { type: Pages, extensions: rule },
    },
  });
  const schema = new GraphQLSchema({ query });
  expect(fieldsWithoutAuthScopes(schema).sort()).toEqual([
    "DataConnection.edges",
    "DataConnection.secret",
    "Open.forgotten",
    "PagesConnection.secret",
    "Query.open",
  ]);
  expect(() => requireAuthScopes(schema)).toThrow("Query.open");
});
