/**
 * The default is refusal: a schema with a field that nobody wrote a rule for is not served. A rule is `authScopes` on the
 * field or on its type. PageInfo and what every connection and edge has hold nothing of their own: the field that leads
 * to them has the rule.
 */
import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
} from "graphql";
import { z } from "zod";

const ruled = z.object({ pothosOptions: z.object({ authScopes: z.unknown().refine(Boolean) }) });
const hasAuthScopes = ({ extensions }: GraphQLObjectType | GraphQLField<unknown, unknown>) =>
  ruled.safeParse(extensions).success;

const ofConnection = ["edges", "pageInfo", "totalCount"];
const ofEdge = ["cursor", "node"];

/** What the relay plugin gives a type that it makes. */
function relayFieldsOf(type: GraphQLObjectType): string[] {
  const names = Object.keys(type.getFields());
  if (type.name === "PageInfo") return names;
  if (!/Connection(Edge)?$/.test(type.name)) return [];
  const expected = type.name.endsWith("Edge") ? ofEdge : ofConnection;
  return expected.every((name) => names.includes(name)) ? expected : [];
}

/** `Type.field` of every field without a rule. */
export function fieldsWithoutAuthScopes(schema: GraphQLSchema): string[] {
  return Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter((type) => !type.name.startsWith("__") && !hasAuthScopes(type))
    .flatMap((type) => {
      const plumbing = relayFieldsOf(type);
      return Object.values(type.getFields())
        .filter((field) => !plumbing.includes(field.name) && !hasAuthScopes(field))
        .map((field) => `${type.name}.${field.name}`);
    });
}

export function requireAuthScopes(schema: GraphQLSchema): GraphQLSchema {
  const unruled = fieldsWithoutAuthScopes(schema);
  if (unruled.length === 0) return schema;
  throw new Error(`Nobody said who may see ${unruled.join(", ")}: give it authScopes.`);
}
