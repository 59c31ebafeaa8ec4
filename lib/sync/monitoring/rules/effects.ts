/** Health rules for the team's effects: do handlers run, and in time? */
import { paths } from "../../../paths";
import { counted, say } from "../finding";
import { ageOf, MINUTE, type Rule } from "./rule";

/**
 * A job that has been due for longer than this (ms) is late. A worker starts due jobs within seconds, the cron route within a
 * minute.
 */
const LAG_MS = 5 * MINUTE;

export const effectsDead: Rule = ({ effects: { dead } }) => {
  if (!dead) return null;
  const { count, handler, error, oldestAt } = dead;
  return {
    code: "effects-dead",
    state: "bad",
    sentence: say`${counted(count, "effect")} failed in every try, the oldest ${oldestAt}, of the handler ${handler}${error ? ` with ${error}` : ""}.`,
    remedy: `Later effects have run. Correct the handler, then run \`npm run effects -- replay --handler ${handler} --dead\`; \`npm run effects -- list\` shows all handlers.`,
    href: paths.effectsOf(handler),
    since: oldestAt,
  };
};

export const effectsLate: Rule = (facts) => {
  const { due } = facts.effects;
  if (!due || ageOf(facts, due.since) < LAG_MS) return null;
  return {
    code: "effects-late",
    state: "warn",
    sentence: say`${counted(due.count, "effect")} should have run already, the first ${due.since}, of the handler ${due.handler}.`,
    remedy:
      "Start another worker with `npm run worker`, or give the handler more calls at a time: the option `concurrency` in `lib/effects/handlers.ts`.",
    href: paths.effects,
    since: due.since,
  };
};

export const effectsUnhandled: Rule = ({ effects: { unhandled } }) => {
  if (!unhandled) return null;
  const { count, handler, oldestAt } = unhandled;
  return {
    code: "effects-unhandled",
    state: "warn",
    sentence: say`${counted(count, "effect")} of ${handler} ${count === 1 ? "waits" : "wait"}, the oldest since ${oldestAt}: no running worker has this handler.`,
    remedy: `If it was removed on purpose, run \`npm run effects -- forget --handler ${handler}\`. If not, start a worker of the release that has it.`,
    href: paths.effects,
    since: oldestAt,
  };
};
