/**
 * Plans the delivery of the messages of one simulated history: which are sent, late or lost, and which of four lanes sends each
 * copy.
 */
import type { Message } from "./simulate-clerk";

export type Lane = { message: Message; isFirst: boolean }[];

const LANES = 4;

/**
 * Returns how a message is delivered. Two kinds of messages are sent on time although the plan says late. If they arrived after a
 * reconciliation, each would leave the mirror wrong until the next reconciliation:
 * - Another state of the same object has the same `updated_at`. The reconciliation picks the current state; the late message
 * cannot be ordered against it.
 * - The object's deletion was lost and no other message about it was sent. The mirror has no tombstone to reject the late
 * message.
 */
export function dispatchOf(message: Message, all: Message[]): "sent" | "late" | "lost" {
  const { plan, object, isDeleted, svixId } = message;
  if (plan.dispatch !== "late" || isDeleted) return plan.dispatch;
  const others = all.filter((other) => other.object.id === object.id && other.svixId !== svixId);
  const sharesVersion = others.some((other) => other.object.updatedAt === object.updatedAt);
  const hasSentEvent = others.some((other) => other.plan.dispatch === "sent");
  const lostItsDeletion = others.some((other) => other.isDeleted && other.plan.dispatch === "lost");
  return sharesVersion || (lostItsDeletion && !hasSentEvent) ? "sent" : "late";
}

export function lanesOf(messages: Message[]): Lane[] {
  const sent = messages.flatMap((message) =>
    message.plan.copies.map((copy, index) => ({ ...copy, message, isFirst: index === 0 })),
  );
  return Array.from({ length: LANES }, (_, lane) =>
    sent.filter((copy) => copy.lane === lane).sort((a, b) => a.at - b.at),
  );
}
