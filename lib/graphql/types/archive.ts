/**
 * The archive of erased people and organizations, for platform admins outside impersonated sessions. Only the mutation
 * `lookUpArchive` returns decrypted content. It needs a reason, which is written to the audit log.
 */
import {
  type ArchiveAct as Act,
  type Archive as ArchiveList,
  addArchiveNote,
  type ArchiveDay as Day,
  holdArchiveEntry,
  listArchive,
  lookUpArchive,
  type OpenEntry,
  purgeArchiveEntry,
  releaseArchiveEntry,
} from "../../erasure/archive-admin";
import type { Content, Entry, Purchase } from "../../erasure/archive-store";
import { UserError } from "../../errors";
import { builder } from "../builder";
import type { Context } from "../context";
import { graphQLError, requireSelf } from "../errors";
import { freshAdmin } from "../fresh";
import { nameOf } from "./name-of";

const authScopes = { administer: true };

const ArchiveEntry = builder.objectRef<Entry>("ArchiveEntry").implement({
  description:
    "An entry of the archive without personal data: nothing of it says whom it is about.",
  authScopes,
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false, description: "The pseudonymous key." }),
    kind: t.exposeString("kind", { nullable: false, description: "user or organization." }),
    reason: t.exposeString("reason", {
      nullable: false,
      description: "user_requested, admin_action, policy_violation or unknown.",
    }),
    deletedAt: t.expose("deletedAt", { type: "DateTime", nullable: false }),
    archivedAt: t.expose("archivedAt", { type: "DateTime", nullable: false }),
    purgeAt: t.expose("purgeAt", {
      type: "DateTime",
      nullable: false,
      description: "When the worker destroys the entry, unless it has a legal hold.",
    }),
    heldAt: t.expose("heldAt", {
      type: "DateTime",
      description: "Since when it has a legal hold; null without one.",
    }),
  }),
});

const textOf = (values: Purchase["values"], name: string): string | null => {
  const value = values[name];
  if (Array.isArray(value)) return value.join(", ") || null;
  return value === undefined || value === null ? null : String(value);
};

const ArchivedPurchase = builder.objectRef<Purchase>("ArchivedPurchase").implement({
  description: "A payment, a subscription or one of its plans.",
  authScopes,
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false }),
    table: t.exposeString("table", { nullable: false, description: "Where it came from." }),
    status: t.string({ resolve: ({ values }) => textOf(values, "status") }),
    amount: t.float({
      description: "In the smallest unit of the currency.",
      resolve: ({ values }) => {
        const amount = textOf(values, "amount");
        return amount === null ? null : Number(amount);
      },
    }),
    currency: t.string({ resolve: ({ values }) => textOf(values, "currency") }),
    plans: t.string({
      description: "The names of the plans.",
      resolve: ({ values }) => textOf(values, "plans") ?? textOf(values, "plan_name"),
    }),
    createdAt: t.string({
      description: "As it was stored, ISO 8601.",
      resolve: ({ values }) => textOf(values, "created_at"),
    }),
    values: t.expose("values", { type: "JSON", description: "Every archived column." }),
  }),
});

const ArchiveNote = builder.objectRef<Content["notes"][number]>("ArchiveNote").implement({
  description: "A note of an admin.",
  authScopes,
  fields: (t) => ({
    at: t.exposeString("at", { nullable: false }),
    by: t.exposeString("by", { nullable: false, description: "A user id, or the command." }),
    byName: t.string({
      description: "The name of that user; null if deleted, and for the command.",
      resolve: ({ by }, _args, context) => nameOf(context, by),
    }),
    text: t.exposeString("text", { nullable: false }),
  }),
});

const ArchiveAct = builder.objectRef<Act>("ArchiveAct").implement({
  description: "What was done with an entry, from the audit log.",
  authScopes,
  fields: (t) => ({
    at: t.expose("at", { type: "DateTime", nullable: false }),
    actor: t.exposeString("actor", {
      nullable: false,
      description: "A user id, or the command.",
    }),
    actorName: t.string({
      description: "The name of that user; null if deleted, and for the command.",
      resolve: ({ actor }, _args, context) => nameOf(context, actor),
    }),
    action: t.exposeString("action", { nullable: false }),
    reason: t.exposeString("reason"),
  }),
});

const OpenArchiveEntry = builder.objectRef<OpenEntry>("OpenArchiveEntry").implement({
  description: "An entry with its decrypted content.",
  authScopes,
  fields: (t) => ({
    entry: t.expose("entry", { type: ArchiveEntry, nullable: false }),
    problem: t.exposeString("problem", {
      description: "Why the content cannot be read; null if it can.",
    }),
    purchases: t.field({
      type: [ArchivedPurchase],
      nullable: false,
      resolve: ({ content }) => content?.purchases ?? [],
    }),
    notes: t.field({
      type: [ArchiveNote],
      nullable: false,
      resolve: ({ content }) => content?.notes ?? [],
    }),
    acts: t.expose("acts", { type: [ArchiveAct], nullable: false, description: "Newest first." }),
  }),
});

const ArchiveDay = builder.objectRef<Day>("ArchiveDay").implement({
  description: "One day of the archive, in UTC.",
  authScopes,
  fields: (t) => ({
    day: t.exposeString("day", { nullable: false, description: "YYYY-MM-DD." }),
    archived: t.exposeInt("archived", { nullable: false }),
    purged: t.exposeInt("purged", { nullable: false }),
  }),
});

const Archive = builder.objectRef<ArchiveList>("Archive").implement({
  description: "The archive of erased people and organizations with purchases.",
  authScopes,
  fields: (t) => ({
    count: t.exposeInt("count", { nullable: false }),
    heldCount: t.exposeInt("heldCount", { nullable: false }),
    unarchivedCount: t.exposeInt("unarchivedCount", {
      nullable: false,
      description:
        "Erased people whose purchases are not archived, for want of a usable ARCHIVE_KEY.",
    }),
    problem: t.exposeString("problem", {
      description: "Why nothing can be archived or read now; null if it can.",
    }),
    entries: t.expose("entries", {
      type: [ArchiveEntry],
      nullable: false,
      description: "The 100 that were deleted last.",
    }),
    days: t.expose("days", {
      type: [ArchiveDay],
      nullable: false,
      description: "The last 90 days, oldest first.",
    }),
  }),
});

/** Runs an action with the viewer's id as the actor. @throws BAD_USER_INPUT with the message of a UserError. */
async function asViewer<Result>(
  context: Context,
  act: (actor: string) => Promise<Result>,
): Promise<Result> {
  try {
    return await act(requireSelf(context).user.id);
  } catch (error) {
    if (error instanceof UserError) throw graphQLError("BAD_USER_INPUT", error.message);
    throw error;
  }
}

builder.queryField("archive", (t) =>
  t.field({
    type: Archive,
    nullable: false,
    authScopes,
    fresh: freshAdmin,
    resolve: () => listArchive(),
  }),
);

builder.mutationFields((t) => ({
  lookUpArchive: t.field({
    type: [OpenArchiveEntry],
    nullable: false,
    description: "Finds and decrypts entries, for example for a refund. The reason is audited.",
    authScopes,
    fresh: freshAdmin,
    args: {
      search: t.arg.string({
        required: true,
        description: "An e-mail address, the id of a user or organization, or an entry's key.",
      }),
      reason: t.arg.string({ required: true }),
    },
    resolve: (_root, { search, reason }, context) =>
      asViewer(context, (actor) => lookUpArchive(actor, search, reason)),
  }),
  addArchiveNote: t.field({
    type: ArchiveEntry,
    nullable: false,
    authScopes,
    fresh: freshAdmin,
    args: { id: t.arg.id({ required: true }), text: t.arg.string({ required: true }) },
    resolve: (_root, { id, text }, context) =>
      asViewer(context, (actor) => addArchiveNote(actor, id, text)),
  }),
  holdArchiveEntry: t.field({
    type: ArchiveEntry,
    nullable: false,
    description: "Sets a legal hold: the entry is not purged until the hold is released.",
    authScopes,
    fresh: freshAdmin,
    args: { id: t.arg.id({ required: true }), reason: t.arg.string({ required: true }) },
    resolve: (_root, { id, reason }, context) =>
      asViewer(context, (actor) => holdArchiveEntry(actor, id, reason)),
  }),
  releaseArchiveEntry: t.field({
    type: ArchiveEntry,
    nullable: false,
    description: "Ends a legal hold. An entry whose date has passed is purged by the next run.",
    authScopes,
    fresh: freshAdmin,
    args: { id: t.arg.id({ required: true }), reason: t.arg.string({ required: true }) },
    resolve: (_root, { id, reason }, context) =>
      asViewer(context, (actor) => releaseArchiveEntry(actor, id, reason)),
  }),
  purgeArchiveEntry: t.boolean({
    nullable: false,
    description: "Destroys an entry and its key before its date. Not while it has a legal hold.",
    authScopes,
    fresh: freshAdmin,
    args: { id: t.arg.id({ required: true }), reason: t.arg.string({ required: true }) },
    resolve: async (_root, { id, reason }, context) => {
      await asViewer(context, (actor) => purgeArchiveEntry(actor, id, reason));
      return true;
    },
  }),
}));
