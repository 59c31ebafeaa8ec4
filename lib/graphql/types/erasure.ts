/** Erasures: the receipt of a person's own erasure, and the figures and actions of platform admins. The list is in erasure-list.ts. */
import { findBlastRadius, MAX_COUNTED, type ReachedTable } from "../../erasure/blast-radius";
import { type Brake, findBrake, releaseBrake, undoErasure } from "../../erasure/hold";
import { countByDay, type ErasureDay } from "../../erasure/list";
import { type FoundReceipt, findReceipt } from "../../erasure/receipt";
import { findVerifiedHead, type VerifiedHead, verifyAllReceipts } from "../../erasure/verified";
import { UserError } from "../../errors";
import { builder } from "../builder";
import { graphQLError, requireViewerId } from "../errors";
import { freshAdmin } from "../fresh";
import { storable } from "./list-arguments";

const ErasureReceipt = builder.objectRef<FoundReceipt>("ErasureReceipt").implement({
  description: "The receipt of an erasure. It has no personal data.",
  authScopes: { anyone: true },
  fields: (t) => ({
    isFinished: t.exposeBoolean("isFinished", {
      nullable: false,
      description: "False until everything is erased.",
    }),
    isWaiting: t.exposeBoolean("isWaiting", {
      nullable: false,
      description: "True while the erasure is held back or paused, or if the deletion was undone.",
    }),
    line: t.exposeString("line", {
      description: "The receipt and its hash as JSON, for verification. Null until it is finished.",
    }),
  }),
});

const ReachedTableType = builder.objectRef<ReachedTable>("ErasureReach").implement({
  description: "A table with rows that an erasure would delete or empty. For platform admins.",
  authScopes: { admin: true },
  fields: (t) => ({
    table: t.exposeString("table", { nullable: false }),
    holds: t.exposeString("holds", { nullable: false, description: "What the table holds." }),
    rows: t.exposeInt("rows", { nullable: false }),
    isDeleted: t.exposeBoolean("isDeleted", {
      nullable: false,
      description: "True if the rows are deleted; otherwise their personal columns are emptied.",
    }),
  }),
});

const BrakeType = builder.objectRef<Brake>("ErasureBrake").implement({
  description:
    "A pause of erasures, because many users or organizations were deleted. For platform admins.",
  authScopes: { admin: true },
  fields: (t) => ({
    engagedAt: t.expose("engagedAt", { type: "DateTime", nullable: false }),
    deletions: t.exposeInt("deletions", {
      nullable: false,
      description: "The deletions within an hour that engaged it.",
    }),
    waiting: t.exposeInt("waiting", { nullable: false, description: "The paused erasures." }),
  }),
});

const Receipts = builder.objectRef<VerifiedHead>("ErasureReceipts").implement({
  description: "The state of the chain of receipts. For platform admins.",
  authScopes: { admin: true },
  fields: (t) => ({
    count: t.exposeInt("count", { nullable: false }),
    hash: t.exposeString("hash", {
      nullable: false,
      description: "The hash of the newest receipt up to which the chain is whole.",
    }),
    fault: t.exposeString("fault", { description: "The first fault that was found, or null." }),
    verifiedAt: t.expose("verifiedAt", {
      type: "DateTime",
      description: "When the whole chain was last verified. Null if it never was.",
    }),
  }),
});

const Day = builder.objectRef<ErasureDay>("ErasureDay").implement({
  description:
    "The deletions of a day (UTC), and how many of them are erased by now. For platform admins.",
  authScopes: { admin: true },
  fields: (t) => ({
    day: t.exposeString("day", { nullable: false }),
    deleted: t.exposeInt("deleted", { nullable: false }),
    erased: t.exposeInt("erased", { nullable: false }),
  }),
});

export const ErasureSubject = builder.enumType("ErasureSubject", {
  description: "What is deleted.",
  values: { USER: { value: "user" as const }, ORGANIZATION: { value: "organization" as const } },
});

builder.queryFields((t) => ({
  erasureReceipt: t.field({
    type: ErasureReceipt,
    description:
      "The receipt for the token that deleteAccount returned or an admin passed on. Null if it is unknown.",
    authScopes: { anyone: true },
    args: { token: t.arg.id({ required: true }) },
    resolve: (_root, { token }) => findReceipt(token),
  }),
  erasureReach: t.field({
    type: [ReachedTableType],
    nullable: false,
    description: `What the erasures of users or organizations would reach, the most rows first. Counts the first ${MAX_COUNTED} of them.`,
    authScopes: { administer: true },
    extensions: { listLength: 40 },
    args: {
      kind: t.arg({ type: ErasureSubject, required: true }),
      ids: t.arg.idList({ required: true }),
    },
    resolve: (_root, { kind, ids }) => findBlastRadius(kind, ids),
  }),
  erasureBrake: t.field({
    type: BrakeType,
    description: "The pause of erasures. Null if there is none.",
    authScopes: { administer: true },
    resolve: () => findBrake(),
  }),
  erasureReceipts: t.field({
    type: Receipts,
    nullable: false,
    description: "Verifies the receipts since the last verification of the whole chain.",
    authScopes: { administer: true },
    resolve: () => findVerifiedHead(),
  }),
  erasureDays: t.field({
    type: [Day],
    nullable: false,
    description: "The last 90 days.",
    authScopes: { administer: true },
    extensions: { listLength: 90 },
    resolve: () => countByDay(),
  }),
}));

/** Waits for an action. @throws BAD_USER_INPUT with the message of the action's UserError, which the client sees. */
async function actOrExplain<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof UserError) throw graphQLError("BAD_USER_INPUT", error.message);
    throw error;
  }
}

builder.mutationFields((t) => ({
  verifyErasureReceipts: t.field({
    type: Receipts,
    nullable: false,
    description: "Verifies the whole chain of receipts.",
    authScopes: { administer: true },
    resolve: () => verifyAllReceipts(),
  }),
  releaseErasureBrake: t.int({
    nullable: false,
    description: "Ends the pause of erasures. Returns how many go on. Written to the audit log.",
    authScopes: { administer: true },
    fresh: freshAdmin,
    args: { reason: t.arg.string({ required: true }) },
    resolve: (_root, { reason }, context) =>
      actOrExplain(releaseBrake({ actor: requireViewerId(context), reason: storable(reason) })),
  }),
  undoErasure: t.boolean({
    nullable: false,
    description:
      "Restores the rows of a deleted user or organization whose erasure is held back. The account at Clerk stays deleted. Written to the audit log.",
    authScopes: { administer: true },
    fresh: freshAdmin,
    args: { id: t.arg.id({ required: true }), reason: t.arg.string({ required: true }) },
    resolve: async (_root, { id, reason }, context) => {
      await actOrExplain(
        undoErasure(id, { actor: requireViewerId(context), reason: storable(reason) }),
      );
      return true;
    },
  }),
}));
