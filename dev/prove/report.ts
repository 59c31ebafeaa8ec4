/** A failure as a person reads it: the history, the way its messages took, and what came out wrong. */

import { lanesOf, roadOf } from "./delivery-schedule";
import type { History } from "./history";
import type { Message } from "./simulate-clerk";
import type { Divergence } from "./trial";

function tell(message: Message, all: Message[]): string {
  const { type, thing, timestamp, fate, isDeleted } = message;
  const stamp = isDeleted ? "" : ` updated_at ${thing.updatedAt}`;
  const what = isDeleted ? "" : ` ${JSON.stringify(thing.fields)}`;
  const crash = fate.crash === "none" ? "" : `, breaks ${fate.crash}`;
  return `${message.svixId} ${roadOf(message, all)}${crash}: ${type} ${thing.id}${stamp} timestamp ${timestamp}${what}`;
}

export function report({ actions }: History, divergence: Divergence): string {
  const { when, missing, unexpected, played } = divergence;
  const { messages } = played;
  const lanes = lanesOf(messages.filter((message) => roadOf(message, messages) === "sent"));
  return [
    `what happened at Clerk:`,
    ...actions.map(({ kind, who, where, variant, after }) => {
      return `  +${after} ms  ${kind} (person ${who}, organization ${where}, variant ${variant})`;
    }),
    `messages:`,
    ...messages.map((message) => `  ${tell(message, messages)}`),
    `lanes:`,
    ...lanes.map((lane, index) => {
      return `  ${index}: ${lane.map(({ message }) => message.svixId).join(" ") || "-"}`;
    }),
    `wrong ${when}:`,
    ...missing.map((line) => `  missing     ${line}`),
    ...unexpected.map((line) => `  unexpected  ${line}`),
  ].join("\n");
}
