/**
 * A validation rule that limits the depth, aliases and fields of an operation, with its fragments expanded. Each fragment is
 * measured once, so that nested fragments cannot make the check itself slow. `query-cost.ts` limits the cost of the response, and
 * says why these limits are hand-made.
 */
import {
  type ASTVisitor,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
} from "graphql";

export const MAX_TOKENS = 2_000;
const MAX_DEPTH = 14;
const MAX_ALIASES = 30;
const MAX_FIELDS = 1_000;

type Shape = { depth: number; aliases: number; fields: number };

const empty: Shape = { depth: 0, aliases: 0, fields: 0 };

function measure(context: ValidationContext, root: SelectionSetNode): Shape {
  const fragmentShapes = new Map<string, Shape>();

  function ofFragment(fragment: FragmentDefinitionNode): Shape {
    const name = fragment.name.value;
    const shape = fragmentShapes.get(name);
    if (shape) return shape;
    // Without this entry, a cycle of fragments would recurse endlessly. graphql's own validation rule refuses a document with
    // such a cycle.
    fragmentShapes.set(name, empty);
    const measured = ofSelections(fragment.selectionSet);
    fragmentShapes.set(name, measured);
    return measured;
  }

  function ofSelections({ selections }: SelectionSetNode): Shape {
    const shape = { ...empty };
    for (const selection of selections) {
      let part = empty;
      if (selection.kind === Kind.FIELD) {
        // Introspection fields are not limited: introspection queries are deep, and production refuses them anyway.
        if (selection.name.value.startsWith("__")) continue;
        const inner = selection.selectionSet ? ofSelections(selection.selectionSet) : empty;
        part = {
          depth: inner.depth + 1,
          aliases: inner.aliases + (selection.alias ? 1 : 0),
          fields: inner.fields + 1,
        };
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        part = ofSelections(selection.selectionSet);
      } else {
        const fragment = context.getFragment(selection.name.value);
        if (fragment) part = ofFragment(fragment);
      }
      shape.depth = Math.max(shape.depth, part.depth);
      shape.aliases += part.aliases;
      shape.fields += part.fields;
    }
    return shape;
  }

  return ofSelections(root);
}

/** Creates the validation rule for one document. https://graphql.org/learn/validation */
export function queryShapeRule(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(node) {
      const { depth, aliases, fields } = measure(context, node.selectionSet);
      const refuse = (message: string) =>
        context.reportError(new GraphQLError(message, { nodes: node }));
      if (depth > MAX_DEPTH) refuse(`An operation may be at most ${MAX_DEPTH} levels deep.`);
      if (aliases > MAX_ALIASES) refuse(`An operation may have at most ${MAX_ALIASES} aliases.`);
      if (fields > MAX_FIELDS) refuse(`An operation may select at most ${MAX_FIELDS} fields.`);
      return false;
    },
  };
}
