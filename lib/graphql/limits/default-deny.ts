/**
 * Default deny: the app does not start if a field has no `authScopes`, on the field or on its type. PageInfo and the relay fields
 * of connections and edges are exempt: the field that returns the connection has the `authScopes`.
 */
import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
} from "graphql";
import { z } from "zod";

const scoped = z.object({ pothosOptions: z.object({ authScopes: z.unknown().refine(Boolean) }) });
const hasAuthScopes = ({ extensions }: GraphQLObjectType | GraphQLField<unknown, unknown>) =>
  scoped.safeParse(extensions).success;

const ofConnection = ["edges", "pageInfo", "totalCount"];
const ofEdge = ["cursor", "node"];

/** Returns the fields that the relay plugin adds to a connection or edge type. */
function relayFieldsOf(type: GraphQLObjectType): string[] {
  const names = Object.keys(type.getFields());
  if (type.name === "PageInfo") return names;
  if (!/Connection(Edge)?$/.test(type.name)) return [];
  const expected = type.name.endsWith("Edge") ? ofEdge : ofConnection;
  return expected.every((name) => names.includes(name)) ? expected : [];
}

/** Lists the fields without authScopes, as `Type.field`. */
export function fieldsWithoutAuthScopes(schema: GraphQLSchema): string[] {
  return Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter((type) => !type.name.startsWith("__") && !hasAuthScopes(type))
    .flatMap((type) => {
      const exempt = relayFieldsOf(type);
      return Object.values(type.getFields())
        .filter((field) => !exempt.includes(field.name) && !hasAuthScopes(field))
        .map((field) => `${type.name}.${field.name}`);
    });
}

/** Returns the schema. @throws if a field has no authScopes. */
export function requireAuthScopes(schema: GraphQLSchema): GraphQLSchema {
  const missing = fieldsWithoutAuthScopes(schema);
  if (missing.length === 0) return schema;
  throw new Error(`No authScopes on ${missing.join(", ")}: add them to the field or its type.`);
}
