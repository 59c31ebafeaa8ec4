/**
 * The definition of an act: what an admin may ask Clerk to do with one object. A definition builds a sentence about what will
 * happen, checks the arguments, calls the Backend API, and returns the proofs by which the result is recognized in the mirror. It
 * writes no mirrored row.
 */
import type { ClerkClient } from "@clerk/backend";
import type { z } from "zod";
import { refusalOf } from "./at-clerk";
import { findObject, type ObjectKind, type ObjectOf } from "./find-object";

/** A row version by which {@link settleActs} recognizes that Clerk's webhook about the act has arrived. */
export type Proof = {
  table: "users" | "organizations" | "memberships" | "invitations" | "sessions" | "domains";
  id: string;
  /** The `updated_at` in Clerk's response. A row with a newer version also proves the act. */
  version?: number;
  /**
   * The values that the row's columns must have if its version is exactly `version`, for acts after which Clerk may keep
   * `updated_at`.
   */
  fields?: Record<string, boolean | string | null>;
  /** Set if the row must be a tombstone. */
  deleted?: true;
};

export type RunResult = {
  /** Empty for an act that changes nothing in the mirror: Clerk's response alone confirms it. */
  proofs: Proof[];
  /** The id of the object that the act created. */
  createdId?: string;
  /** False when Clerk had nothing to change. */
  isChanged?: boolean;
  /** A link for the admin alone, which is never stored. */
  url?: string;
};

/** Facts for the record and the audit entry: ids, role keys and field names, never names or addresses. */
type AuditDetail = Record<string, string | number | boolean | null>;

export type ActTexts = {
  /** The text in a menu, such as "Ban". */
  label: string;
  /** The text while the act runs, such as "Banning". */
  busyLabel: string;
  /** Whether the admin must, may or cannot give a reason. */
  reason: "required" | "optional" | "none";
  /** Set if the act takes something away from a user, such as access. */
  isDestructive?: true;
  /** Set if the act cannot be undone: the admin must type the object's name. */
  isIrreversible?: true;
  /**
   * Set if the act may run on many objects: says what happens to each of them. Such an act must be safe to repeat, because a
   * worker that was killed runs its last item again.
   */
  manySentence?: string;
};

type Definition<Kind extends ObjectKind, Schema extends z.ZodType> = ActTexts & {
  name: string;
  kind: Kind;
  args: Schema;
  /** One or two sentences that say what will happen. */
  sentence: (object: ObjectOf[Kind]) => string;
  /** Returns why there is nothing to do for this object, or null. A bulk act skips an object with nothing to do. */
  skip?: (object: ObjectOf[Kind], args: z.output<Schema>) => string | null;
  /** Checks arguments that only the database can check. Resolves to an error, or to null if they are right. */
  refuse?: (
    object: ObjectOf[Kind],
    args: z.output<Schema>,
    actorId: string,
  ) => Promise<FieldError | null> | FieldError | null;
  audit?: (args: z.output<Schema>) => AuditDetail;
  run: (
    client: ClerkClient,
    object: ObjectOf[Kind],
    args: z.output<Schema>,
    actorId: string,
  ) => Promise<RunResult>;
};

export type FieldError = {
  field: string | null;
  message: string;
  /** The message without names. Set if `message` contains names: a stored name would outlive the erasure of its owner. */
  storedMessage?: string;
  /** Set if Clerk did not confirm the admin's right, so that the act was not tried. */
  isUnconfirmed?: true;
};

/** An act on one object with checked arguments, ready to run. */
export type PreparedAct = {
  objectId: string | null;
  userId: string | null;
  organizationId: string | null;
  objectName: string;
  skipped: string | null;
  detail: AuditDetail;
  run: (client: ClerkClient) => Promise<RunResult>;
};

export type ActDescription = ActTexts & {
  name: string;
  sentence: string;
  objectName: string;
  skipped: string | null;
};

export type Act = ActTexts & {
  name: string;
  kind: ObjectKind;
  /** Finds the object and checks the arguments. Resolves to an act that is ready to run, or to an error. */
  prepare(
    objectId: string | null,
    given: unknown,
    actorId: string,
  ): Promise<PreparedAct | { error: FieldError; objectName?: string }>;
  /** Resolves to a description of what the act would do with this object; null if the mirror has no such object. */
  describe(objectId: string | null): Promise<ActDescription | null>;
  /** Checks the arguments without an object. Returns an error, or null if they are right. */
  checkArguments(given: unknown): FieldError | null;
};

const noSuchObject = (kind: ObjectKind): FieldError => ({
  field: "objectId",
  message: `There is no ${kind.replace("_", " ")} with this id. It may be deleted.`,
});

function fieldErrorOf(error: z.ZodError): FieldError {
  const [issue] = error.issues;
  const unknownName = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  if (unknownName) return { field: unknownName, message: `This act has no ${unknownName}.` };
  return {
    field: issue?.path[0] === undefined ? null : String(issue.path[0]),
    message: issue?.message ?? "The arguments are not right.",
  };
}

/** @throws any error that does not come from Clerk. */
async function findOrRefuse<Kind extends ObjectKind>(kind: Kind, id: string | null) {
  try {
    return await findObject(kind, id);
  } catch (error) {
    return { error: { field: null, message: refusalOf(error).message } };
  }
}

/** Makes an act from its definition. The result hides the types of its object and its arguments. */
export function defineAct<Kind extends ObjectKind, Schema extends z.ZodType>(
  definition: Definition<Kind, Schema>,
): Act {
  const { name, kind, args: schema, sentence, skip, refuse, audit, run, ...texts } = definition;
  return {
    ...texts,
    name,
    kind,
    checkArguments(given) {
      const parsed = schema.safeParse(given);
      return parsed.success ? null : fieldErrorOf(parsed.error);
    },
    async describe(objectId) {
      const object = await findObject(kind, objectId);
      if (!object) return null;
      const none = schema.safeParse({});
      return {
        ...texts,
        name,
        sentence: sentence(object),
        objectName: object.label,
        skipped: (none.success && skip?.(object, none.data)) || null,
      };
    },
    async prepare(objectId, given, actorId) {
      const parsed = schema.safeParse(given);
      if (!parsed.success) return { error: fieldErrorOf(parsed.error) };
      const object = await findOrRefuse(kind, objectId);
      if (!object) return { error: noSuchObject(kind) };
      if ("error" in object) return object;
      const refused = await refuse?.(object, parsed.data, actorId);
      if (refused) return { error: refused, objectName: object.label };
      return {
        objectId: object.id,
        userId: object.userId,
        organizationId: object.organizationId,
        objectName: object.label,
        skipped: skip?.(object, parsed.data) ?? null,
        detail: audit?.(parsed.data) ?? {},
        run: (client) => run(client, object, parsed.data, actorId),
      };
    },
  };
}
