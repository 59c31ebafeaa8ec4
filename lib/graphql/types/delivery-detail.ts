/** One delivery in full, and what an admin can do with deliveries: read the payload, preview, replay, dismiss. */

import { z } from "zod";
import { recordAudit } from "../../audit";
import {
  PREVIEWED,
  type Preview,
  type PreviewedDelivery,
  previewReplay,
} from "../../sync/inbox/preview";
import {
  discardDeliveries,
  type Position,
  type ReplayCounts,
  replayBatch,
  type Selection,
} from "../../sync/inbox/replay";
import { storedOutcomes } from "../../sync/monitoring/delivery-lists";
import { deliveryRemedy } from "../../sync/monitoring/delivery-remedy";
import {
  type CausedEffect,
  type ChangedField,
  type DeliveryChange,
  findCausedEffects,
  findChange,
  findDelivery,
  hasVersions,
  payloadOf,
  type StoredDelivery,
} from "../../sync/monitoring/find-delivery";
import { veil } from "../../sync/monitoring/veil";
import { builder } from "../builder";
import { graphQLError, requireViewerId } from "../errors";
import { freshAdmin } from "../fresh";
import { deliveryFilterInput, deliveryFilterOf, ReceivedDelivery } from "./delivery";
import { storable } from "./list-arguments";
import { reasonOf } from "./reason";
import { isStorable } from "./storable-text";

const ChangedFieldType = builder.objectRef<ChangedField>("ChangedField").implement({
  authScopes: { admin: true },
  fields: (t) => ({
    name: t.exposeString("name", { nullable: false, description: "The column." }),
    before: t.expose("before", { type: "JSON" }),
    after: t.expose("after", { type: "JSON" }),
  }),
});

const DeliveryChangeType = builder.objectRef<DeliveryChange>("DeliveryChange").implement({
  description: "The row that a delivery wrote, against the version before.",
  authScopes: { admin: true },
  fields: (t) => ({
    table: t.exposeString("table", { nullable: false }),
    objectId: t.exposeID("objectId", { nullable: false }),
    kind: t.exposeString("kind", {
      nullable: false,
      description: "created, updated, deleted or unchanged",
    }),
    isLate: t.exposeBoolean("isLate", {
      nullable: false,
      description: "It arrived after a newer version, so the row was not changed.",
    }),
    fields: t.field({ type: [ChangedFieldType], nullable: false, resolve: ({ fields }) => fields }),
  }),
});

const CausedEffectType = builder.objectRef<CausedEffect>("CausedEffect").implement({
  description: "A job of an effect handler that a delivery caused.",
  authScopes: { admin: true },
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false }),
    handler: t.exposeString("handler", { nullable: false }),
    change: t.exposeString("change", { nullable: false }),
    attempts: t.exposeInt("attempts", { nullable: false, description: "Failed attempts." }),
    error: t.exposeString("error"),
    runAt: t.expose("runAt", { type: "DateTime", nullable: false }),
    doneAt: t.expose("doneAt", { type: "DateTime" }),
    deadAt: t.expose("deadAt", { type: "DateTime" }),
  }),
});

const DeliveryDetail = builder.objectRef<StoredDelivery>("DeliveryDetail").implement({
  authScopes: { admin: true },
  fields: (t) => ({
    delivery: t.field({ type: ReceivedDelivery, nullable: false, resolve: (stored) => stored }),
    instanceId: t.exposeID("instanceId", { description: "The Clerk instance that sent it." }),
    headers: t.expose("headers", { type: "JSON" }),
    bodyBytes: t.int({
      description: "The size of the stored body; null if it is past retention or was not stored.",
      resolve: ({ body }) => body?.byteLength ?? null,
    }),
    isRedacted: t.exposeBoolean("isRedacted", {
      nullable: false,
      description: "Secrets were removed before the body was stored.",
    }),
    veiledPayload: t.field({
      type: "JSON",
      description: "Without personal data. Null without a body, or if the body is not JSON.",
      resolve: (stored) => veil(payloadOf(stored)),
    }),
    remedy: t.string({
      description: "What an admin can do. Commands and variables are between backticks.",
      resolve: (stored) => deliveryRemedy({ ...stored, hasBody: stored.body !== null }),
    }),
    hasVersions: t.boolean({
      nullable: false,
      description: "False if Rollcall keeps no versions of such objects, so no change is shown.",
      resolve: ({ type }) => hasVersions(type),
    }),
    change: t.field({ type: DeliveryChangeType, resolve: (stored) => findChange(stored) }),
    effects: t.field({
      type: [CausedEffectType],
      nullable: false,
      resolve: (stored) => findCausedEffects(stored),
    }),
  }),
});

builder.queryField("delivery", (t) =>
  t.field({
    type: DeliveryDetail,
    authScopes: { admin: true },
    args: { id: t.arg.id({ required: true, description: "The svix-id." }) },
    resolve: (_root, { id }) => (isStorable(id) ? findDelivery(id) : null),
  }),
);

const RevealedPayload = builder
  .objectRef<{ json: unknown; text: string | null }>("RevealedPayload")
  .implement({
    authScopes: { admin: true },
    fields: (t) => ({
      json: t.expose("json", { type: "JSON", description: "Null if the body is not JSON." }),
      text: t.exposeString("text", { description: "The body if it is not JSON." }),
    }),
  });

builder.mutationField("revealDeliveryPayload", (t) =>
  t.field({
    type: RevealedPayload,
    nullable: false,
    description: "The stored payload with personal data. Writes an audit entry.",
    authScopes: { administer: true },
    fresh: freshAdmin,
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, context) => {
      const stored = isStorable(id) ? await findDelivery(id) : null;
      if (!stored?.body)
        throw graphQLError("BAD_USER_INPUT", "There is no stored body of a delivery with this id.");
      await recordAudit({
        actor: requireViewerId(context),
        action: "delivery.payload_read",
        subject: id,
        detail: { type: stored.type, userId: stored.userId },
      });
      const json = payloadOf(stored);
      const text = json === undefined ? Buffer.from(stored.body).toString("utf8") : null;
      return { json: json ?? null, text };
    },
  }),
);

/** The maximum number of deliveries that can be selected by their ids. */
const MAX_IDS = 500;

const selectionInput = builder.inputType("DeliverySelection", {
  description: `Deliveries by their ids, at most ${MAX_IDS}, or those that the list of deliveries has for a query and a filter.`,
  fields: (t) => ({
    ids: t.idList(),
    query: t.string(),
    filter: t.field({ type: deliveryFilterInput }),
  }),
});

/**
 * Returns the selection that the input describes. @throws GraphQLError for too many or no ids, and for a text that Postgres
 * cannot store.
 */
function selectionOf({ ids, query, filter }: typeof selectionInput.$inferInput): Selection {
  if (ids && (ids.length === 0 || ids.length > MAX_IDS))
    throw graphQLError("BAD_USER_INPUT", `A selection has 1 to ${MAX_IDS} ids.`);
  return { ...deliveryFilterOf(filter, query), ...(ids && { svixIds: ids.map(storable) }) };
}

/** Returns a selection as JSON for the audit log: the number of ids and the first 20 of them, or the conditions. */
function selectionText({ svixIds, ...filter }: Selection): string {
  const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value != null));
  return JSON.stringify(svixIds ? { ids: svixIds.slice(0, 20), count: svixIds.length } : given);
}

const Previewed = builder.objectRef<PreviewedDelivery>("PreviewedDelivery").implement({
  authScopes: { admin: true },
  fields: (t) => ({
    id: t.exposeID("svixId", { nullable: false }),
    type: t.exposeString("type"),
    objectId: t.exposeID("objectId"),
    before: t.exposeString("before", { nullable: false, description: "The current outcome." }),
    after: t.exposeString("after", { nullable: false, description: "The outcome after a replay." }),
    change: t.exposeString("change", {
      nullable: false,
      description: "What happens to the mirrored object: created, updated, deleted or none.",
    }),
    fields: t.exposeStringList("fields", {
      nullable: false,
      description: "The columns that an update changes; never their values.",
    }),
  }),
});

const ReplayPreview = builder.objectRef<Preview>("ReplayPreview").implement({
  authScopes: { admin: true },
  fields: (t) => ({
    total: t.exposeInt("total", { nullable: false, description: "The selected deliveries." }),
    deliveries: t.field({
      type: [Previewed],
      nullable: false,
      description: `The oldest ${PREVIEWED} of them.`,
      resolve: ({ deliveries }) => deliveries,
    }),
    effects: t.exposeInt("effects", {
      nullable: false,
      description: "The jobs of effect handlers that these deliveries would cause.",
    }),
  }),
});

builder.mutationField("previewReplay", (t) =>
  t.field({
    type: ReplayPreview,
    nullable: false,
    description: "What a replay would change. A transaction does it and is rolled back.",
    authScopes: { administer: true },
    args: {
      selection: t.arg({ type: selectionInput, required: true }),
      withEffects: t.arg.boolean(),
    },
    resolve: (_root, { selection, withEffects }) =>
      previewReplay({ ...selectionOf(selection), withEffects: withEffects ?? false }),
  }),
);

const REPLAYED_AT_ONCE = 200;

const positionShape = z
  .tuple([z.number().int(), z.string().min(1).refine(isStorable)])
  .transform(([ms, svixId]): Position => ({ receivedAt: new Date(ms), svixId }));

function positionOf(after: string): Position {
  try {
    return positionShape.parse(JSON.parse(Buffer.from(after, "base64url").toString("utf8")));
  } catch (cause) {
    throw graphQLError("BAD_USER_INPUT", "This position is not valid. Start again.", { cause });
  }
}

const textOf = ({ receivedAt, svixId }: Position) =>
  Buffer.from(JSON.stringify([receivedAt.getTime(), svixId])).toString("base64url");

type Replayed = { outcomes: ReplayCounts; count: number; next: Position | null };

const OutcomeCount = builder
  .objectRef<{ outcome: string; count: number }>("DeliveryOutcomeCount")
  .implement({
    authScopes: { admin: true },
    fields: (t) => ({
      outcome: t.exposeString("outcome", { nullable: false }),
      count: t.exposeInt("count", { nullable: false }),
    }),
  });

const ReplayedDeliveries = builder.objectRef<Replayed>("ReplayedDeliveries").implement({
  authScopes: { admin: true },
  fields: (t) => ({
    count: t.exposeInt("count", { nullable: false }),
    outcomes: t.field({
      type: [OutcomeCount],
      nullable: false,
      resolve: ({ outcomes }) =>
        storedOutcomes.flatMap((outcome) => {
          const count = outcomes[outcome];
          return count ? [{ outcome, count }] : [];
        }),
    }),
    next: t.string({
      description: "Pass it as `after` to replay the rest; null if none is left.",
      resolve: ({ next }) => next && textOf(next),
    }),
  }),
});

builder.mutationField("replayDeliveries", (t) =>
  t.field({
    type: ReplayedDeliveries,
    nullable: false,
    description: `Applies the oldest ${REPLAYED_AT_ONCE} of the selected deliveries after a position again. Writes an audit entry.`,
    authScopes: { administer: true },
    fresh: freshAdmin,
    args: {
      selection: t.arg({ type: selectionInput, required: true }),
      withEffects: t.arg.boolean(),
      reason: t.arg.string({ required: true }),
      after: t.arg.string(),
    },
    resolve: async (_root, { selection, withEffects, reason, after }, context) => {
      const effects = withEffects ?? false;
      const [chosen, why] = [{ ...selectionOf(selection), withEffects: effects }, reasonOf(reason)];
      const replayed = await replayBatch(
        chosen,
        after ? positionOf(after) : null,
        REPLAYED_AT_ONCE,
      );
      if (replayed.count > 0) {
        await recordAudit({
          actor: requireViewerId(context),
          action: "deliveries.replayed",
          subject: chosen.svixIds?.length === 1 ? (chosen.svixIds[0] ?? null) : null,
          detail: {
            reason: why,
            count: replayed.count,
            selection: selectionText(chosen),
            withEffects: effects,
          },
        });
      }
      return replayed;
    },
  }),
);

builder.mutationField("dismissDeliveries", (t) =>
  t.int({
    nullable: false,
    description:
      "Sets pending, dead, quarantined and unreadable deliveries to discarded, so that they are not applied. Writes an audit entry. Returns their number.",
    authScopes: { administer: true },
    fresh: freshAdmin,
    args: {
      selection: t.arg({ type: selectionInput, required: true }),
      reason: t.arg.string({ required: true }),
    },
    resolve: (_root, { selection, reason }, context) =>
      discardDeliveries(selectionOf(selection), {
        actor: requireViewerId(context),
        reason: reasonOf(reason),
      }),
  }),
);
