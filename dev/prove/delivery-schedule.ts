/** What becomes of each message of a history: when it is sent, how often, by which of four lanes, and what breaks. */
import type { Message } from "./simulate-clerk";

export type Lane = { message: Message; isFirst: boolean }[];

export const LANES = 4;

/**
 * Two kinds of message are never late, for after a reconciliation
 * they would show until the next what is not true:
 * - One that shares its stamp with another state of the same object: a reconciliation knows which of them holds, and the
 *   message does not.
 * - One about an object that the mirror had not heard of when its deletion was lost: nothing says that it is gone.
 */
export function roadOf(message: Message, all: Message[]): "sent" | "late" | "lost" {
  const { fate, thing, isDeleted, svixId } = message;
  if (fate.road !== "late" || isDeleted) return fate.road;
  const others = all.filter((other) => other.thing.id === thing.id && other.svixId !== svixId);
  const isContested = others.some((other) => other.thing.updatedAt === thing.updatedAt);
  const isHeardOf = others.some((other) => other.fate.road === "sent");
  const isGoneUnheard = others.some((other) => other.isDeleted && other.fate.road === "lost");
  return isContested || (isGoneUnheard && !isHeardOf) ? "sent" : "late";
}

export function lanesOf(messages: Message[]): Lane[] {
  const sent = messages.flatMap((message) =>
    message.fate.copies.map((copy, index) => ({ ...copy, message, isFirst: index === 0 })),
  );
  return Array.from({ length: LANES }, (_, lane) =>
    sent.filter((copy) => copy.lane === lane).sort((a, b) => a.at - b.at),
  );
}
