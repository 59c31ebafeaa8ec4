/**
 * Limits the cost of an operation: 1 for each field of each object that it can return, so a field inside a page counts once for
 * each row. Checked before any resolver runs. Hand-made because `@pothos/plugin-complexity` checks in the root resolvers, when
 * the response already has `data`, and has no limit on aliases.
 */
import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  typeFromAST,
} from "graphql";
import { DEFAULT_PAGE, MAX_PAGE } from "../types/keyset-pagination";

export const MAX_COST = 10_000;
/**
 * The assumed length of a list without pagination, such as one user's memberships. A field with a longer list sets the extension
 * `listLength`.
 */
const LIST_LENGTH = 10;

type Variables = Record<string, unknown>;
type Operation = {
  schema: GraphQLSchema;
  operation: OperationDefinitionNode;
  fragments: Map<string, FragmentDefinitionNode>;
  variables: Variables;
};

function pageSizeArgument(field: FieldNode, variables: Variables): number | undefined {
  for (const { name, value } of field.arguments ?? []) {
    if (name.value !== "first" && name.value !== "last") continue;
    const size = value.kind === Kind.VARIABLE ? variables[value.name.value] : undefined;
    if (typeof size === "number") return size;
    if (value.kind === Kind.INT) return Number(value.value);
  }
  return undefined;
}

/**
 * Returns the maximum number of objects that a field can return. Counts at most MAX_PAGE: the resolver refuses a larger page with
 * a clearer message.
 */
function maxLength(
  definition: GraphQLField<unknown, unknown>,
  field: FieldNode,
  variables: Variables,
) {
  if (definition.args.some((argument) => argument.name === "first")) {
    const size = pageSizeArgument(field, variables) ?? DEFAULT_PAGE;
    return Math.min(Math.max(size, 0), MAX_PAGE);
  }
  // The page size is already counted at the connection field that contains these edges.
  if (definition.name === "edges") return 1;
  if (!isListType(getNullableType(definition.type))) return 1;
  const { listLength } = definition.extensions;
  return typeof listLength === "number" ? listLength : LIST_LENGTH;
}

export function costOf({ schema, operation, fragments, variables }: Operation): number {
  const fragmentCosts = new Map<string, number>();

  function ofField(field: FieldNode, parent: GraphQLNamedType): number {
    const hasFields = isObjectType(parent) || isInterfaceType(parent);
    const definition = hasFields ? parent.getFields()[field.name.value] : undefined;
    if (!definition) return 0;
    const type = getNamedType(definition.type);
    if (!field.selectionSet || !isCompositeType(type)) return 1;
    return 1 + maxLength(definition, field, variables) * ofSelections(field.selectionSet, type);
  }

  function ofFragment(name: string): number {
    const fragment = fragments.get(name);
    const type = fragment && typeFromAST(schema, fragment.typeCondition);
    if (!type) return 0;
    const cost = fragmentCosts.get(name) ?? ofSelections(fragment.selectionSet, type);
    fragmentCosts.set(name, cost);
    return cost;
  }

  function ofSelections({ selections }: SelectionSetNode, parent: GraphQLNamedType): number {
    return selections.reduce((sum, selection) => {
      if (selection.kind === Kind.FIELD) return sum + ofField(selection, parent);
      if (selection.kind === Kind.FRAGMENT_SPREAD) return sum + ofFragment(selection.name.value);
      const { typeCondition, selectionSet } = selection;
      const type = typeCondition ? typeFromAST(schema, typeCondition) : parent;
      return sum + (type ? ofSelections(selectionSet, type) : 0);
    }, 0);
  }

  const root = schema.getRootType(operation.operation);
  return root ? ofSelections(operation.selectionSet, root) : 0;
}
