/** Health rules for the change feed: do the endpoints receive their messages? */
import { paths } from "../../../paths";
import { say } from "../finding";
import { ageOf, isAre, MINUTE, type Rule } from "./rule";

/** An endpoint that fails for longer than this (ms) is a problem. A restart of the endpoint's server takes less. */
const FAILING_MS = 15 * MINUTE;

function alsoText(others: { name: string }[], what: string): string {
  const names = others.map(({ name }) => name).join(", ");
  return names ? ` ${names} ${isAre(others.length)} ${what} too.` : "";
}

export const feedDisabled: Rule = ({ feed: { disabled } }) => {
  const [first, ...others] = disabled;
  if (!first) return null;
  const { name, at, isGone, lastFailure } = first;
  const why = isGone
    ? "it answered 410, which says that it wants no more messages"
    : `every message failed for five days; at the last one it ${lastFailure}`;
  return {
    code: "feed-disabled",
    state: "bad",
    sentence: say`The change feed’s endpoint ${name} was disabled ${at}: ${why}.${alsoText(others, "disabled")}`,
    remedy: `Correct the receiver, then run \`npm run feed -- enable ${name}\`; it says how to send what was missed. If it is not needed any more, run \`npm run feed -- remove ${name}\`.`,
    href: paths.effects,
    since: at,
  };
};

export const feedFailing: Rule = (facts) => {
  const failing = facts.feed.failing.filter(({ since }) => ageOf(facts, since) > FAILING_MS);
  const [first, ...others] = failing;
  if (!first) return null;
  const { name, since, lastFailure } = first;
  return {
    code: "feed-failing",
    state: "warn",
    sentence: say`The change feed’s endpoint ${name} has accepted no message since its first failure ${since}: it ${lastFailure}.${alsoText(others, "failing")}`,
    remedy: `Correct the receiver; \`npm run feed -- send-test ${name}\` shows its answer. Rollcall retries at growing intervals. After five days of failures the endpoint is disabled.`,
    href: paths.effects,
    since,
  };
};
