/** Raw bytes to what a delivery says: total, never throws. Knows the envelope; the objects are in `event.ts`. */
import { z } from "zod";
import { deletedObject, type MirroredEvent, mirroredEvent } from "./event";
import { eventHandling, isKnownEventType } from "./event-types";
import { redactBody } from "./redact";
import { id, milliseconds, text, textOrNull } from "./scalars";

const envelope = z.object({
  type: text,
  data: z.unknown(),
  timestamp: milliseconds.nullish().catch(null),
  instance_id: textOrNull.catch(null),
});

const userId = id.nullish().catch(null);
const holder = z.object({ user_id: userId }).nullish().catch(null);
const subject = z
  .object({ user_id: userId, public_user_data: holder, payer: holder })
  .transform((data) => data.user_id ?? data.public_user_data?.user_id ?? data.payer?.user_id);

type Envelope = {
  type: string | null;
  objectId: string | null;
  /** The person the event is about. */
  userId: string | null;
  instanceId: string | null;
  /** Clerk's own clock, in ms since the epoch; null when the event does not say. */
  occurredAt: number | null;
  /** The body without its secrets; the buffer it came in when there were none. */
  storable: Buffer;
};

export type ParsedDelivery = Envelope &
  (
    | { handling: "mirrored"; event: MirroredEvent }
    | { handling: "ignored" }
    | { handling: "unreadable" }
  );

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

export function parseDelivery(body: Buffer): ParsedDelivery {
  const json = parseJson(body);
  const storable = redactBody(body, json);
  const outer = envelope.safeParse(json);
  if (!outer.success) {
    const nothing = {
      type: null,
      objectId: null,
      userId: null,
      instanceId: null,
      occurredAt: null,
    };
    return { handling: "unreadable", storable, ...nothing };
  }
  const { type, data, timestamp, instance_id } = outer.data;
  const objectId = deletedObject.safeParse(data).data?.id ?? null;
  const about = {
    type,
    objectId,
    userId: type.startsWith("user.") ? objectId : (subject.safeParse(data).data ?? null),
    instanceId: instance_id,
    occurredAt: timestamp ?? null,
    storable,
  };
  if (!isKnownEventType(type) || eventHandling[type] === "ignored")
    return { handling: "ignored", ...about };
  const event = mirroredEvent.safeParse({ type, data });
  return event.success
    ? { handling: "mirrored", event: event.data, ...about }
    : { handling: "unreadable", ...about };
}
