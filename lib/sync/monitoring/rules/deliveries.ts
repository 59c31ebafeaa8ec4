/**
 * Health rules for deliveries that were not applied, or not completely: quarantined, dead letters, unreadable, partial, pending.
 */
import { paths } from "../../../paths";
import { deliveriesOf, say, shortId } from "../finding";
import { ageOf, isAre, MINUTE, type Rule } from "./rule";

/**
 * A delivery that is pending for longer than this (ms) is a problem. The worker's retries usually take less. A delivery becomes a
 * dead letter only after hours.
 */
const PENDING_OLD_MS = 15 * MINUTE;

/** True if the SQLSTATE is that of a missing table, column or schema, which means that a migration is missing. */
export const hasMigrationHint = (error: string | null) =>
  error !== null && /^SQLSTATE (42P01|42703|3F000)$/.test(error);

/** Returns a sentence about the cause of failed deliveries, or "". */
function causeText(error: string | null): string {
  if (error === null) return "";
  const hint = hasMigrationHint(error) ? ", a missing migration" : "";
  return ` Most frequent cause: ${error}${hint}.`;
}

function fixText(error: string | null): string {
  return hasMigrationHint(error)
    ? "Run `npm run db:migrate`"
    : "Fix the cause (the log has it by the message’s id)";
}

function quarantinedRemedy(arriving: string): string {
  return `If ${arriving} is the right instance, set \`CLERK_INSTANCE_ID\` or the secret key of that instance, restart, and run \`npm run replay -- --quarantined\`. If it is not, remove this app’s endpoint from it and run \`npm run replay -- --quarantined --discard\`.`;
}

export const quarantined: Rule = ({ deliveries, keys }) => {
  const { recent, arrivingInstance, lists } = deliveries;
  const { count, newestAt, oldestAt } = lists.quarantined;
  if (count === 0) return null;
  const arriving = arrivingInstance ? shortId(arrivingInstance) : "another instance";
  const expected = keys.configuredInstance ?? keys.instanceOfKey;
  const source = keys.configuredInstance ? "CLERK_INSTANCE_ID" : "CLERK_SECRET_KEY";
  const ours = expected ? `${shortId(expected)} (${source})` : `the instance of ${source}`;
  const common = {
    remedy: quarantinedRemedy(arriving),
    href: paths.deliveriesWith("quarantined"),
    since: oldestAt,
  };
  if (recent.quarantined * 2 > recent.total) {
    const sentence = say`${String(recent.quarantined)} of the last ${deliveriesOf(recent.total)} came from Clerk instance ${arriving}, not from ${ours}. ${count === 1 ? "It is" : `All ${String(count)} are`} quarantined, the newest ${newestAt}.`;
    return { code: "wrong-instance", state: "bad", sentence, ...common };
  }
  const sentence = say`${deliveriesOf(count)} from another Clerk instance than ${ours} ${isAre(count)} quarantined, the newest ${newestAt}.`;
  return { code: "quarantined", state: "warn", sentence, ...common };
};

export const deadLetters: Rule = ({ deliveries }) => {
  const { count, oldestAt } = deliveries.lists.dead;
  const { deadError } = deliveries;
  return count > 0
    ? {
        code: "dead",
        state: "bad",
        sentence: say`${deliveriesOf(count)} could not be applied in 8 attempts, the oldest received ${oldestAt}.${causeText(deadError)}`,
        remedy: `Nothing is lost. ${fixText(deadError)}, then run \`npm run replay -- --dead\`. What must not be applied is discarded by \`npm run replay -- --dead --discard\`.`,
        href: paths.deliveriesWith("dead"),
        since: oldestAt,
      }
    : null;
};

export const unreadable: Rule = ({ deliveries }) => {
  const { count, newestAt, oldestAt } = deliveries.lists.unreadable;
  return count > 0
    ? {
        code: "unreadable",
        state: "warn",
        sentence: say`${deliveriesOf(count)} could not be read and ${count === 1 ? "was" : "were"} not applied, the newest ${newestAt}.`,
        remedy:
          "The list names the attributes. After an update of Rollcall that reads them, run `npm run replay -- --unreadable`. `npm run sync` reads the objects from Clerk; then `npm run replay -- --unreadable --discard` clears this.",
        href: paths.deliveriesWith("unreadable"),
        since: oldestAt,
      }
    : null;
};

export const partial: Rule = (facts) => {
  const { count, newestAt, oldestAt } = facts.deliveries.lists.partial;
  if (count === 0 || newestAt === null) return null;
  return {
    code: "partial",
    state: "warn",
    sentence: say`${deliveriesOf(count)} had attributes that could not be read, the newest ${newestAt}. These attributes are empty in the mirror; the rest was applied.`,
    remedy:
      "The list names the attributes. After an update of Rollcall, run `npm run replay -- --partial`. To accept them as empty, run `npm run replay -- --partial --discard`.",
    href: paths.deliveriesWith("partial"),
    since: oldestAt,
  };
};

export const pending: Rule = (facts) => {
  const { pendingError, lists } = facts.deliveries;
  const { count, oldestAt } = lists.pending;
  if (count === 0 || oldestAt === null) return null;
  const isOld = ageOf(facts, oldestAt) > PENDING_OLD_MS;
  return {
    code: "pending",
    state: isOld ? "warn" : "wait",
    sentence: say`${deliveriesOf(count)} ${isAre(count)} pending, the oldest ${oldestAt}.${causeText(pendingError)}`,
    remedy:
      isOld || hasMigrationHint(pendingError)
        ? `${fixText(pendingError)}, then run \`npm run replay -- --pending\`.`
        : "Rollcall retries at growing intervals; `npm run replay -- --pending` tries now.",
    href: paths.deliveriesWith("pending"),
    since: oldestAt,
  };
};
