/** What becomes of each message of a history: when it is sent, how often, by which of four lanes, and what breaks. */
import type { Message } from "./world";

export type Lane = { message: Message; isFirst: boolean }[];

export const LANES = 4;

/**
 * Only what a reconciliation can repair is ever lost. What shares its stamp with another state of the same object is
 * never late: of two such states a reconciliation knows which is true, and the message does not.
 */
export function roadOf(message: Message, all: Message[]): "sent" | "late" | "lost" {
  const { fate, thing, isDeleted, svixId } = message;
  if (fate.road === "lost") return thing.table === "invitations" ? "sent" : "lost";
  if (fate.road === "sent" || isDeleted) return fate.road;
  const isContested = all.some(
    (other) =>
      other.svixId !== svixId &&
      other.thing.id === thing.id &&
      other.thing.updatedAt === thing.updatedAt,
  );
  return isContested ? "sent" : "late";
}

export function lanesOf(messages: Message[]): Lane[] {
  const sent = messages.flatMap((message) =>
    message.fate.copies.map((copy, index) => ({ ...copy, message, isFirst: index === 0 })),
  );
  return Array.from({ length: LANES }, (_, lane) =>
    sent.filter((copy) => copy.lane === lane).sort((a, b) => a.at - b.at),
  );
}
