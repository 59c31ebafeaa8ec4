/**
 * The field option `fresh` and its schema directive `@fresh(within:)`: the freshness contract of a sensitive field. The field is
 * resolved only if the viewer's right is known to be at most that old: from the mirror, or else from Clerk. Otherwise the answer
 * is FORBIDDEN or UNAVAILABLE. Runs after the field's `authScopes`, so a viewer without the right never causes a question to
 * Clerk.
 */
import SchemaBuilder, {
  BasePlugin,
  type FieldNullability,
  type InputFieldMap,
  type PothosOutputFieldConfig,
  type SchemaTypes,
  type TypeParam,
} from "@pothos/core";
import {
  DirectiveLocation,
  GraphQLDirective,
  type GraphQLFieldResolver,
  GraphQLNonNull,
  type GraphQLSchema,
  GraphQLString,
  parse,
  visit,
} from "graphql";
import { z } from "zod";
import { standingOf } from "../acts/fresh-authority";
import type { Context } from "./context";
import { graphQLError, requireViewerId } from "./errors";

type FreshOption = {
  /** The greatest age of the viewer's right, in seconds. `0s`: Clerk is asked every time. */
  within: `${number}s`;
  /** Set if the resolver itself asks Clerk, because the act records and repeats the check. */
  isAskedByResolver?: true;
};

/** For acts and reads of platform admins. */
export const freshAdmin = { within: "5s" } satisfies FreshOption;

/** For acts at Clerk: `performAct` and the bulk acts ask Clerk for the actor's right every time. */
export const freshByAct = { within: "0s", isAskedByResolver: true } satisfies FreshOption;

declare global {
  export namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      fresh: FreshPlugin<Types>;
    }
    interface SchemaBuilderOptions<Types extends SchemaTypes> {
      /** Rejects unless the viewer's right is known to be at most `withinMs` old. */
      fresh: { require: (context: Types["Context"], withinMs: number) => Promise<void> };
    }
    interface FieldOptions<
      Types extends SchemaTypes,
      ParentShape,
      Type extends TypeParam<Types>,
      Nullable extends FieldNullability<Type>,
      Args extends InputFieldMap,
      ResolveShape,
      ResolveReturnShape,
    > {
      fresh?: FreshOption;
    }
  }
}

export const freshDirective = new GraphQLDirective({
  name: "fresh",
  description:
    "The viewer's right to this field is at most this old: known from the mirror, or else asked of Clerk. If Clerk does not answer, the error is UNAVAILABLE. With 0s, Clerk is asked every time.",
  locations: [DirectiveLocation.FIELD_DEFINITION],
  args: { within: { type: new GraphQLNonNull(GraphQLString) } },
});

const option = z.object({
  within: z.string().regex(/^\d+s$/),
  isAskedByResolver: z.literal(true).optional(),
});
const ofField = z.object({ pothosOptions: z.object({ fresh: option }) });

/** Returns the option of a field of the built schema, or null. */
export function freshOf({ extensions }: { extensions: unknown }) {
  return ofField.safeParse(extensions).data?.pothosOptions.fresh ?? null;
}

/** @throws FORBIDDEN if the viewer has lost the right at Clerk, UNAVAILABLE if that cannot be known now */
export async function requireFresh(context: Context, withinMs: number): Promise<void> {
  const standing = await standingOf(requireViewerId(context), { kind: "platform" }, withinMs);
  if (standing === "held") return;
  if (standing === "lost")
    throw graphQLError("FORBIDDEN", "Only a platform admin may do this. You are not one any more.");
  throw graphQLError(
    "UNAVAILABLE",
    "Rollcall cannot check with Clerk right now that you are still an admin. Try again.",
    { reason: "unconfirmed" },
  );
}

class FreshPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(
    resolver: GraphQLFieldResolver<unknown, Types["Context"], object>,
    { pothosOptions: { fresh } }: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types["Context"], object> {
    if (!fresh || fresh.isAskedByResolver) return resolver;
    const withinMs = Number.parseInt(fresh.within, 10) * 1_000;
    return async (parent, args, context, info) => {
      await this.builder.options.fresh.require(context, withinMs);
      return resolver(parent, args, context, info);
    };
  }
}

export const freshPlugin = "fresh";
// The production build has several copies of this module, and Pothos, which is not bundled, only once.
SchemaBuilder.allowPluginReRegistration = true;
SchemaBuilder.registerPlugin(freshPlugin, FreshPlugin);

/** Adds the directive to the fields in a printed schema: graphql-js prints no applied directives. */
export function withFreshDirectives(schema: GraphQLSchema, printed: string): string {
  const uses: { at: number; text: string }[] = [];
  visit(parse(printed), {
    ObjectTypeDefinition(type) {
      const definition = schema.getType(type.name.value);
      const fields = definition && "getFields" in definition ? definition.getFields() : {};
      for (const field of type.fields ?? []) {
        const extensions = fields[field.name.value]?.extensions;
        const fresh = freshOf({ extensions });
        if (fresh && field.loc)
          uses.push({ at: field.loc.end, text: ` @fresh(within: "${fresh.within}")` });
      }
    },
  });
  let text = printed;
  for (const { at, text: use } of uses.reverse()) text = text.slice(0, at) + use + text.slice(at);
  return text;
}
