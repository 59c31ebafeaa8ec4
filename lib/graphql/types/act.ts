/**
 * Acts of platform admins at Clerk: the possible acts on an object, the mutation that performs one, and the records of past acts.
 */
import type { FieldNode } from "graphql";
import { z } from "zod";
import type { ActDescription, FieldError } from "../../acts/act";
import { acts, possibleActs } from "../../acts/acts";
import { objectNamesOf } from "../../acts/find-object";
import { type ActOutcome, performAct } from "../../acts/perform";
import { findProven } from "../../acts/settle";
import type { Act as ActRow } from "../../generated/prisma/client";
import { mayAdminister } from "../../identity/viewer";
import { builder } from "../builder";
import { type Context, viewerDbOf } from "../context";
import { graphQLError, requireSelf } from "../errors";
import { freshByAct } from "../fresh";
import { FieldLoaders } from "./batch-load";
import { bulkReasonOf } from "./bulk-reason";
import { nameOf } from "./name-of";
import { isStorable } from "./storable-text";

const enumNameOf = (name: string) => name.toUpperCase().replace(".", "_");

export const ActName = builder.enumType("ActName", {
  description: "What an admin can ask Clerk to do.",
  values: Object.fromEntries([...acts.keys()].map((name) => [enumNameOf(name), { value: name }])),
});

export const ReasonRule = builder.enumType("ReasonRule", {
  values: {
    REQUIRED: { value: "required" },
    OPTIONAL: { value: "optional" },
    NONE: { value: "none" },
  } as const,
});

export const ActObjectKind = builder.enumType("ActObjectKind", {
  values: {
    USER: { value: "user" },
    ORGANIZATION: { value: "organization" },
    MEMBERSHIP: { value: "membership" },
    INVITATION: { value: "invitation" },
    SESSION: { value: "session" },
    APP_INVITATION: { value: "app_invitation" },
    DOMAIN: { value: "domain" },
    INSTANCE: { value: "instance" },
  } as const,
});

const PossibleAct = builder.objectRef<ActDescription>("PossibleAct").implement({
  description: "An act on one object, in words.",
  authScopes: { admin: true },
  fields: (t) => ({
    name: t.field({ type: ActName, nullable: false, resolve: ({ name }) => name }),
    label: t.exposeString("label", { nullable: false }),
    busyLabel: t.exposeString("busyLabel", { nullable: false }),
    sentence: t.exposeString("sentence", {
      nullable: false,
      description: "What will happen, for the dialog that asks.",
    }),
    objectName: t.exposeString("objectName", { nullable: false }),
    skipped: t.exposeString("skipped", {
      description: "Why there is nothing to do; null if there is.",
    }),
    reason: t.field({ type: ReasonRule, nullable: false, resolve: ({ reason }) => reason }),
    isDestructive: t.boolean({
      nullable: false,
      resolve: ({ isDestructive }) => isDestructive ?? false,
    }),
    isIrreversible: t.boolean({
      nullable: false,
      description: "Ask for the object's name before it.",
      resolve: ({ isIrreversible }) => isIrreversible ?? false,
    }),
    isBulk: t.boolean({
      nullable: false,
      description: "It can run on many objects.",
      resolve: ({ manySentence }) => manySentence !== undefined,
    }),
  }),
});

const ActState = builder.enumType("ActState", {
  description: "How far an act is.",
  values: {
    REQUESTED: { value: "requested", description: "Recorded. Clerk has not answered yet." },
    SENT: {
      value: "sent",
      description: "Pending at Clerk: done there, its webhook is on its way.",
    },
    CONFIRMED: { value: "confirmed", description: "The mirror has it." },
    REFUSED: { value: "refused", description: "Clerk refused." },
    UNANSWERED: { value: "unanswered", description: "Not known whether Clerk did it." },
  } as const,
});

const state = z.enum(["requested", "sent", "confirmed", "refused", "unanswered"]);

const objectNames = new FieldLoaders<string>();
const objectKey = z.tuple([z.string(), z.string()]);

/** The name of an object now; null if it is deleted. One query for each kind of the objects in a list. */
export async function objectNameOf(
  context: Context,
  field: FieldNode | undefined,
  kind: string,
  id: string,
): Promise<string | null> {
  if (!field) return null;
  const key = JSON.stringify([kind, id]);
  const name = await objectNames.load(context, field, key, async (keys) => {
    const objects = keys.map((each) => objectKey.parse(JSON.parse(each)));
    const found = new Map<string, string>();
    for (const kind of new Set(objects.map(([one]) => one))) {
      const ids = objects.flatMap(([one, id]) => (one === kind ? [id] : []));
      for (const [id, name] of await objectNamesOf(kind, ids))
        found.set(JSON.stringify([kind, id]), name);
    }
    return found;
  });
  return name ?? null;
}

/** Checks the proofs of all acts of a list together, instead of once for each act. */
const proofs = new FieldLoaders<boolean>();

export const Act = builder.prismaObject("Act", {
  description:
    "The record of an act at Clerk. Every field that returns one checks who may read it.",
  authScopes: { viewer: true },
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false }),
    name: t.exposeString("name", { nullable: false, description: "E.g. user.ban." }),
    label: t.string({
      nullable: false,
      description: "In words: Ban.",
      resolve: ({ name }) => acts.get(name)?.label ?? name,
    }),
    actorId: t.exposeID("actorId", { nullable: false }),
    objectId: t.exposeID("objectId"),
    reason: t.string({
      description: "Of an act on many objects: the reason for all, for platform admins only.",
      resolve: ({ reason, bulkId }, _args, context) => reason ?? bulkReasonOf(context, bulkId),
    }),
    actorName: t.string({
      description:
        "The name of the admin; null if the admin is deleted or not visible to the viewer.",
      resolve: ({ actorId }, _args, context) => nameOf(context, actorId),
    }),
    objectName: t.string({
      description: "The name of the object now; null if it is deleted.",
      resolve: ({ objectKind, objectId }, _args, context, { fieldNodes: [field] }) =>
        objectId === null ? null : objectNameOf(context, field, objectKind, objectId),
    }),
    state: t.field({
      type: ActState,
      nullable: false,
      resolve: async (act: ActRow, _args, context, { fieldNodes: [field] }) => {
        const stored = state.parse(act.state);
        if (stored !== "sent" || !field) return stored;
        // Checks the proof now, because the worker takes up to a minute to record the confirmation.
        const isProven = await proofs.load(context, field, act.id, async (ids) => {
          const rows = await viewerDbOf(context).act.findMany({
            where: { id: { in: [...ids] } },
            select: { id: true, proof: true },
          });
          return new Map([...(await findProven(rows))].map((id) => [id, true]));
        });
        return isProven ? "confirmed" : "sent";
      },
    }),
    error: t.exposeString("errorMessage", {
      description: "Clerk's refusal, in its words, without e-mail addresses.",
    }),
    errorCode: t.exposeString("errorCode"),
    requestedAt: t.expose("requestedAt", { type: "DateTime", nullable: false }),
    answeredAt: t.expose("answeredAt", { type: "DateTime" }),
  }),
});

const text = (description: string) => ({ description });

export const ActArguments = builder.inputType("ActArguments", {
  description: "The arguments of an act. Give exactly those that the act has (docs/api.md).",
  fields: (t) => ({
    email: t.string(),
    firstName: t.string(),
    lastName: t.string(),
    username: t.string(),
    externalId: t.string(),
    userId: t.string(),
    role: t.string(text("Clerk's role key, e.g. org:member.")),
    name: t.string(text("The name of an organization or a domain.")),
    slug: t.string(),
    enrollmentMode: t.string(
      text("manual_invitation, automatic_invitation or automatic_suggestion."),
    ),
    deletionReason: t.string(
      text("Of a deletion: admin_action (unless given) or policy_violation."),
    ),
    publicMetadata: t.string(text("The text of a JSON object, which replaces the value.")),
    privateMetadata: t.string(text("The text of a JSON object, which replaces the value.")),
    unsafeMetadata: t.string(text("The text of a JSON object, which replaces the value.")),
  }),
});

/** Returns the given arguments, without those that are null. */
export const givenArguments = (given: object | null | undefined) =>
  Object.fromEntries(Object.entries(given ?? {}).filter(([, value]) => value !== null));

/** The outcome of an act whose actor was allowed to perform it. */
export type AllowedOutcome = Exclude<ActOutcome, { state: "not-admin" }>;

export const changedIdOf = (outcome: AllowedOutcome) =>
  "objectId" in outcome ? outcome.objectId : null;

export const isChangedBy = (outcome: AllowedOutcome) => "isChanged" in outcome && outcome.isChanged;

/** Returns a sentence that says why an act was not done; null if it was done. */
export function errorOf(outcome: AllowedOutcome): string | null {
  if (outcome.state === "invalid") return outcome.error.message;
  return "refusal" in outcome ? outcome.refusal.message : null;
}

export const ActOutcomeType = builder.objectRef<AllowedOutcome>("ActOutcome").implement({
  description:
    "The result of an act. The mirror shows it once Clerk's webhook has come: until then it is pending at Clerk.",
  authScopes: { viewer: true },
  fields: (t) => ({
    actId: t.id({
      description: "The id of its record; null if nothing was done.",
      resolve: (outcome) => ("actId" in outcome ? outcome.actId : null),
    }),
    state: t.field({
      type: ActState,
      description: "Null if nothing was done.",
      resolve: (outcome) => (outcome.state === "invalid" ? null : outcome.state),
    }),
    objectId: t.id({
      description: "The object, also one that the act created.",
      resolve: changedIdOf,
    }),
    isChanged: t.boolean({
      nullable: false,
      description: "False when there was nothing to do, or it was not done.",
      resolve: isChangedBy,
    }),
    url: t.string({
      description: "After USER_IMPERSONATE: opens the session. Valid for one minute, once.",
      resolve: (outcome) => ("url" in outcome ? outcome.url : null),
    }),
    error: t.string({
      description: "Why it was not done, in words; from Clerk when Clerk refused.",
      resolve: errorOf,
    }),
    errorCode: t.string({
      description: "Clerk's code, or timeout, unavailable or rate_limited.",
      resolve: (outcome) => ("refusal" in outcome ? outcome.refusal.code : null),
    }),
    errorField: t.string({
      description: "The argument that the error is about.",
      resolve: (outcome) =>
        outcome.state === "invalid"
          ? outcome.error.field
          : "refusal" in outcome
            ? outcome.refusal.field
            : null,
    }),
  }),
});

const MAX_LISTED = 100;

/** @throws UNAVAILABLE if nothing was done because Clerk did not confirm the admin's right */
export function requireConfirmed(error: FieldError | null): void {
  if (error?.isUnconfirmed)
    throw graphQLError("UNAVAILABLE", error.message, { reason: "unconfirmed" });
}

/** Returns the error for an admin who was demoted after the viewer of this request was found. */
export const notPlatformAdmin = () =>
  graphQLError("FORBIDDEN", "Only a platform admin may do this. You are not one any more.");

builder.queryFields((t) => ({
  possibleActs: t.field({
    type: [PossibleAct],
    nullable: false,
    description:
      "The acts on an object; empty for an object that is not mirrored, and while impersonating. INSTANCE needs no id.",
    authScopes: { admin: true },
    args: { kind: t.arg({ type: ActObjectKind, required: true }), id: t.arg.id() },
    resolve: (_root, { kind, id }, { authentication: { viewer } }) =>
      mayAdminister(viewer) ? possibleActs(kind, id ?? null) : [],
  }),
  acts: t.prismaField({
    type: [Act],
    nullable: false,
    description: `The acts on a user, an organization or another object, newest first; at most ${MAX_LISTED}.`,
    authScopes: { admin: true },
    args: { objectId: t.arg.id({ required: true }), first: t.arg.int({ defaultValue: 20 }) },
    resolve: (select, _root, { objectId, first }, context) =>
      isStorable(objectId)
        ? viewerDbOf(context).act.findMany({
            ...select,
            where: { OR: [{ objectId }, { userId: objectId }, { organizationId: objectId }] },
            orderBy: [{ requestedAt: "desc" }, { id: "desc" }],
            take: Math.min(Math.max(first ?? 20, 0), MAX_LISTED),
          })
        : [],
  }),
}));

builder.mutationField("performAct", (t) =>
  t.field({
    type: ActOutcomeType,
    nullable: false,
    description: "Asks Clerk to do something. For platform admins, not while impersonating.",
    authScopes: { administer: true },
    fresh: freshByAct,
    args: {
      name: t.arg({ type: ActName, required: true }),
      objectId: t.arg.id({ description: "Left out for an act on the instance." }),
      arguments: t.arg({ type: ActArguments }),
      reason: t.arg.string({ description: "Kept in the audit log." }),
    },
    resolve: async (_root, { name, objectId, reason, arguments: given }, context) => {
      const outcome = await performAct({
        ...{ name, objectId: objectId ?? null, args: givenArguments(given) },
        ...{ reason: reason ?? null, actorId: requireSelf(context).user.id },
        authority: { kind: "platform" },
      });
      if (outcome.state === "not-admin") throw notPlatformAdmin();
      if (outcome.state === "invalid") requireConfirmed(outcome.error);
      return outcome;
    },
  }),
);
