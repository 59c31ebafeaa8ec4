/**
 * How deep and how wide an operation is, with its fragments spelled out; refused as a validation error, before any
 * resolver. Each fragment is measured once, so that fragments of fragments cost nothing to refuse. What an operation costs
 * to answer is for `cost.ts` to say.
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

const flat: Shape = { depth: 0, aliases: 0, fields: 0 };

function measure(context: ValidationContext, root: SelectionSetNode): Shape {
  const known = new Map<string, Shape>();

  function ofFragment(fragment: FragmentDefinitionNode): Shape {
    const name = fragment.name.value;
    const shape = known.get(name);
    if (shape) return shape;
    // A fragment within itself adds nothing here; graphql's own rule refuses the cycle.
    known.set(name, flat);
    const measured = ofSelections(fragment.selectionSet);
    known.set(name, measured);
    return measured;
  }

  function ofSelections({ selections }: SelectionSetNode): Shape {
    const shape = { ...flat };
    for (const selection of selections) {
      let part = flat;
      if (selection.kind === Kind.FIELD) {
        // Introspection is deep by nature; where it is allowed at all, it is free.
        if (selection.name.value.startsWith("__")) continue;
        const inner = selection.selectionSet ? ofSelections(selection.selectionSet) : flat;
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

/** A validation rule: https://graphql.org/learn/validation */
export function queryShapeRule(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(node) {
      const { depth, aliases, fields } = measure(context, node.selectionSet);
      const refuse = (what: string) => context.reportError(new GraphQLError(what, { nodes: node }));
      if (depth > MAX_DEPTH) refuse(`An operation is at most ${MAX_DEPTH} levels deep.`);
      if (aliases > MAX_ALIASES) refuse(`An operation has at most ${MAX_ALIASES} aliases.`);
      if (fields > MAX_FIELDS) refuse(`An operation selects at most ${MAX_FIELDS} fields.`);
      return false;
    },
  };
}
