/**
 * Parses the raw bytes of a delivery; never throws. The schema of the envelope is here; the schemas of the objects are in
 * `event.ts`.
 */
import { z } from "zod";
import { env } from "../../env";
import { deletedObject, type MirroredEvent, mirroredEvent } from "./event";
import { eventHandling, isKnownEventType } from "./event-types";
import { parseTolerant } from "./parse-tolerant";
import { redactBody } from "./redact";
import { id, idOrNull, milliseconds, text } from "./scalars";
import { isSplitNoun, splitObject } from "./split-object";

const envelope = z.object({
  type: text,
  data: z.unknown(),
  timestamp: milliseconds.nullish().catch(null),
  // Null if the instance id is empty or cannot be read.
  instance_id: idOrNull.catch(null),
});

const reference = id.nullish().catch(null);
const userReference = z.object({ user_id: reference }).nullish().catch(null);
const userIdOf = z
  .object({ user_id: reference, public_user_data: userReference, payer: userReference })
  .transform((data) => data.user_id ?? data.public_user_data?.user_id ?? data.payer?.user_id);

const organizationIdOf = z
  .object({
    organization_id: reference,
    organization: z.object({ id: reference }).nullish().catch(null),
    payer: z.object({ organization_id: reference }).nullish().catch(null),
  })
  .transform(
    (data) => data.organization_id ?? data.organization?.id ?? data.payer?.organization_id,
  );

type Envelope = {
  type: string | null;
  objectId: string | null;
  /** The id of the organization that the object belongs to. */
  organizationId: string | null;
  /** The id of the user that the event is about. */
  userId: string | null;
  instanceId: string | null;
  /** The event's time by Clerk's clock, in ms since the epoch; null when the event has none. */
  occurredAt: number | null;
  /** Paths of attributes that could not be read, separated by commas, without their values. */
  unread: string | null;
  /** The body to store, without secrets and the IP address. It is the received buffer itself if nothing had to be removed. */
  storable: Buffer;
};

export type ParsedDelivery = Envelope &
  (
    | { handling: "mirrored"; event: MirroredEvent }
    | { handling: "ignored" }
    | { handling: "unreadable" }
  );

/**
 * The limits of `unread`: the number of paths, and the characters of a path. A hostile body may have thousands of unreadable
 * attributes, with long names.
 */
const MAX_UNREAD_PATHS = 20;
const MAX_PATH_LENGTH = 60;

/** Joins the paths into one text, or returns null if there are none. Paths beyond the limit are counted, not listed. */
function unreadText(paths: string[]): string | null {
  if (paths.length === 0) return null;
  const distinct = [...new Set(paths)];
  const listed = distinct
    .slice(0, MAX_UNREAD_PATHS)
    .map((path) => (path.length > MAX_PATH_LENGTH ? `${path.slice(0, MAX_PATH_LENGTH)}…` : path));
  const rest = distinct.length - listed.length;
  return [...listed, ...(rest > 0 ? [`… and ${rest} more`] : [])].join(", ");
}

/** The text of `unread`, in place of a path, if the body is not JSON. */
const NOT_JSON = "(the body is not JSON)";

function parseJson(body: Buffer): unknown {
  try {
    // Removes a byte order mark, which is not valid JSON but harmless.
    return JSON.parse(body.toString("utf8").replace(/^\ufeff/, ""));
  } catch {
    return undefined;
  }
}

/** Removes the prefix `data.` of a path. Paths then look the same for an event and for an object read from the Backend API. */
const inData = (path: string) => path.replace(/^data\./, "");

export function parseDelivery(body: Buffer): ParsedDelivery {
  const json = parseJson(body);
  const { mirrorsPrivateMetadata } = env();
  const storable = redactBody(body, json, mirrorsPrivateMetadata);
  const outer = envelope.safeParse(json);
  if (!outer.success) {
    const unreadableEnvelope = {
      type: null,
      objectId: null,
      organizationId: null,
      userId: null,
      instanceId: null,
      occurredAt: null,
      unread: json === undefined ? NOT_JSON : "type",
    };
    return { handling: "unreadable", storable, ...unreadableEnvelope };
  }
  const { type, data, timestamp, instance_id } = outer.data;
  const objectId = deletedObject.safeParse(data).data?.id ?? null;
  const about = {
    type,
    objectId,
    organizationId: organizationIdOf.safeParse(data).data ?? null,
    userId: type.startsWith("user.") ? objectId : (userIdOf.safeParse(data).data ?? null),
    instanceId: instance_id,
    occurredAt: timestamp ?? null,
    unread: null,
    storable,
  };
  if (!isKnownEventType(type) || eventHandling[type] === "ignored")
    return { handling: "ignored", ...about };
  const [noun = "", verb] = type.split(".");
  const { object, lost } =
    isSplitNoun(noun) && verb !== "deleted"
      ? splitObject(noun, data, mirrorsPrivateMetadata)
      : { object: data, lost: [] };
  const event = parseTolerant(mirroredEvent, { type, data: object });
  const paths = [...lost, ...event.unread.map(inData)];
  const unread = unreadText(paths);
  return event.data
    ? { handling: "mirrored", event: event.data, ...about, unread }
    : { handling: "unreadable", ...about, unread };
}
