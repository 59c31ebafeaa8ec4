/** The effect handlers with the counts of their jobs, dead letters, and the endpoints of the change feed. For platform admins. */
import {
  disableEndpoint,
  enableEndpoint,
  type FeedEndpoint,
  findEndpoint,
  listEndpoints,
} from "../../effects/feed/endpoints";
import { registry } from "../../effects/handlers";
import { replayDead } from "../../effects/replay";
import {
  type DeadEffect,
  findDeadEffects,
  type HandlerSummary,
  LISTED_DEAD,
  summarizeHandlers,
} from "../../effects/summary";
import { builder } from "../builder";
import { graphQLError, requireViewerId } from "../errors";
import { freshAdmin } from "../fresh";
import { storable } from "./list-arguments";
import { reasonOf } from "./reason";

const EffectHandler = builder.objectRef<HandlerSummary>("EffectHandler").implement({
  description: "A handler of the team's code, or an endpoint of the change feed.",
  authScopes: { admin: true },
  fields: (t) => ({
    name: t.exposeString("handler", { nullable: false }),
    subscriptions: t.stringList({
      nullable: false,
      description: "Such as users created.",
      resolve: ({ subscriptions }) =>
        subscriptions.map(({ table, change }) => `${table} ${change}`),
    }),
    isRunning: t.exposeBoolean("isRunning", {
      nullable: false,
      description: "False if this release does not have it. Its jobs then stay pending.",
    }),
    pending: t.exposeInt("pending", { nullable: false }),
    late: t.exposeInt("late", {
      nullable: false,
      description: "Pending jobs that have been due for over 5 minutes.",
    }),
    oldestPendingAt: t.expose("oldest", { type: "DateTime" }),
    dead: t.exposeInt("dead", { nullable: false }),
    done: t.exposeInt("done", { nullable: false, description: "Within the retention period." }),
  }),
});

const DeadEffectType = builder.objectRef<DeadEffect>("DeadEffect").implement({
  description: "A job that failed in every attempt.",
  authScopes: { admin: true },
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false }),
    handler: t.exposeString("handler", { nullable: false }),
    table: t.exposeString("objectTable", { nullable: false }),
    objectId: t.exposeID("objectId", { nullable: false }),
    change: t.exposeString("change", { nullable: false }),
    attempts: t.exposeInt("attempts", { nullable: false }),
    error: t.exposeString("error", { description: "The class of the last failure." }),
    createdAt: t.expose("createdAt", { type: "DateTime", nullable: false }),
    deadAt: t.expose("deadAt", { type: "DateTime", nullable: false }),
  }),
});

const FeedEndpointType = builder.objectRef<FeedEndpoint>("FeedEndpoint").implement({
  description: "A URL of the team that receives the change feed.",
  authScopes: { admin: true },
  fields: (t) => ({
    name: t.exposeString("name", { nullable: false }),
    url: t.string({
      nullable: false,
      description: "Without its query, which may hold a token.",
      resolve: ({ url }) => {
        const { origin, pathname, search } = new URL(url);
        return `${origin}${pathname}${search ? "?…" : ""}`;
      },
    }),
    kinds: t.exposeStringList("kinds", { nullable: false }),
    disabledAt: t.expose("disabledAt", { type: "DateTime" }),
    disabledReason: t.exposeString("disabledReason", { description: "command, gone or failing" }),
    failingSince: t.expose("failingSince", { type: "DateTime" }),
    lastFailure: t.exposeString("lastFailure"),
    lastSuccessAt: t.expose("lastSuccessAt", { type: "DateTime" }),
  }),
});

builder.queryFields((t) => ({
  effectHandlers: t.field({
    type: [EffectHandler],
    nullable: false,
    authScopes: { admin: true },
    resolve: () => summarizeHandlers(registry),
  }),
  deadEffects: t.field({
    type: [DeadEffectType],
    nullable: false,
    description: `The newest ${LISTED_DEAD}; EffectHandler.dead counts all.`,
    authScopes: { admin: true },
    args: { handler: t.arg.string() },
    resolve: (_root, { handler }) => findDeadEffects(handler ? storable(handler) : null),
  }),
  feedEndpoints: t.field({
    type: [FeedEndpointType],
    nullable: false,
    authScopes: { admin: true },
    resolve: () => listEndpoints(),
  }),
}));

/** @throws GraphQLError if there is none. */
async function requireFeedEndpoint(name: string): Promise<string> {
  const found = await findEndpoint(storable(name));
  if (!found) throw graphQLError("BAD_USER_INPUT", "There is no endpoint with this name.");
  return found.name;
}

builder.mutationFields((t) => ({
  disableFeedEndpoint: t.boolean({
    nullable: false,
    description:
      "Sends an endpoint of the change feed nothing more. Its messages are kept. Writes an audit entry.",
    authScopes: { administer: true },
    fresh: freshAdmin,
    args: { name: t.arg.string({ required: true }), reason: t.arg.string({ required: true }) },
    resolve: async (_root, { name, reason }, context) => {
      const by = { actor: requireViewerId(context), reason: reasonOf(reason) };
      await disableEndpoint(await requireFeedEndpoint(name), by);
      return true;
    },
  }),
  enableFeedEndpoint: t.int({
    nullable: false,
    description:
      "Sends an endpoint changes again; with a time, also every message since then once more. Writes an audit entry. Returns the number of messages sent again.",
    authScopes: { administer: true },
    fresh: freshAdmin,
    args: {
      name: t.arg.string({ required: true }),
      replaySince: t.arg({ type: "DateTime" }),
      reason: t.arg.string({ required: true }),
    },
    resolve: async (_root, { name, replaySince, reason }, context) => {
      const by = { actor: requireViewerId(context), reason: reasonOf(reason) };
      const endpoint = await requireFeedEndpoint(name);
      return (await enableEndpoint(endpoint, replaySince ?? null, by)).replayed;
    },
  }),
}));

const MAX_ID = 2n ** 63n - 1n;

function jobIdOf(id: string): bigint {
  if (/^-?\d{1,19}$/.test(id) && BigInt(id) <= MAX_ID && BigInt(id) >= -MAX_ID) return BigInt(id);
  throw graphQLError("BAD_USER_INPUT", "There is no dead letter with this id.");
}

builder.mutationField("replayDeadEffects", (t) =>
  t.int({
    nullable: false,
    description:
      "Makes the dead letters of a handler pending again, all or one of them. Writes an audit entry. Returns their number.",
    authScopes: { administer: true },
    fresh: freshAdmin,
    args: {
      handler: t.arg.string({ required: true }),
      id: t.arg.id({ description: "One dead letter; all of the handler without it." }),
      reason: t.arg.string({ required: true }),
    },
    resolve: (_root, { handler, id, reason }, context) =>
      replayDead(storable(handler), id == null ? null : jobIdOf(id), {
        actor: requireViewerId(context),
        reason: reasonOf(reason),
      }),
  }),
);
