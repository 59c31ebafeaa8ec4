/** Formats a divergence as text: the actions, the messages, the lanes and the differences. */

import { dispatchOf, lanesOf } from "./delivery-schedule";
import type { History } from "./history";
import type { Message } from "./simulate-clerk";
import type { Divergence } from "./trial";

function describeMessage(message: Message, all: Message[]): string {
  const { type, object, timestamp, plan, isDeleted } = message;
  const stamp = isDeleted ? "" : ` updated_at ${object.updatedAt}`;
  const fields = isDeleted ? "" : ` ${JSON.stringify(object.fields)}`;
  const crash = plan.crash === "none" ? "" : `, breaks ${plan.crash}`;
  return `${message.svixId} ${dispatchOf(message, all)}${crash}: ${type} ${object.id}${stamp} timestamp ${timestamp}${fields}`;
}

export function report({ actions }: History, divergence: Divergence): string {
  const { when, missing, unexpected, simulation } = divergence;
  const { messages } = simulation;
  const lanes = lanesOf(messages.filter((message) => dispatchOf(message, messages) === "sent"));
  return [
    `what happened at Clerk:`,
    ...actions.map(({ kind, userSlot, organizationSlot, variant, delayMs }) => {
      return `  +${delayMs} ms  ${kind} (user ${userSlot}, organization ${organizationSlot}, variant ${variant})`;
    }),
    `messages:`,
    ...messages.map((message) => `  ${describeMessage(message, messages)}`),
    `lanes:`,
    ...lanes.map((lane, index) => {
      return `  ${index}: ${lane.map(({ message }) => message.svixId).join(" ") || "-"}`;
    }),
    `wrong ${when}:`,
    ...missing.map((line) => `  missing     ${line}`),
    ...unexpected.map((line) => `  unexpected  ${line}`),
  ].join("\n");
}
