/** Builds the text that tells an admin what to do about one delivery. Commands and variables are between backticks. */
import { hasMigrationHint } from "./rules/deliveries";

type Given = {
  outcome: string;
  error: string | null;
  unread: string | null;
  instanceId: string | null;
  hasBody: boolean;
};

/** Returns the remedy for one delivery, or null if there is nothing to do. */
export function deliveryRemedy({
  outcome,
  error,
  unread,
  instanceId,
  hasBody,
}: Given): string | null {
  if (!hasBody && ["pending", "dead", "quarantined", "unreadable"].includes(outcome))
    return "Its body is past retention, so it cannot be replayed. `npm run sync` reads the object from Clerk. Then dismiss this delivery.";
  switch (outcome) {
    case "pending":
      return hasMigrationHint(error)
        ? "A migration is missing. Run `npm run db:migrate`; the worker then applies it."
        : "The worker tries it again at growing intervals. A replay tries it now.";
    case "dead":
      return hasMigrationHint(error)
        ? "A migration is missing. Run `npm run db:migrate`, then replay it."
        : "Fix the cause: the log has it under this delivery’s id. Then replay it. Dismiss it if it must not be applied.";
    case "quarantined":
      return `It was sent by Clerk instance ${instanceId ?? "(none)"}, not by this mirror’s. If that instance is the right one, set \`CLERK_INSTANCE_ID\` or its secret key, restart, and release it. If not, remove this app’s endpoint from that instance and dismiss it.`;
    case "unreadable":
      return `Rollcall could not read ${unread ?? "it"}. Replay it after an update of Rollcall. \`npm run sync\` reads the object from Clerk; then dismiss it.`;
    default:
      return unread
        ? `It was applied, but ${unread} could not be read and is empty in the mirror. Replay it after an update of Rollcall.`
        : null;
  }
}
