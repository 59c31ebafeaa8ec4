/** Health rules for erasures: is the database older than its erasures, and do erasures end in time? */
import { paths } from "../../../paths";
import { counted, say } from "../finding";
import type { Rule } from "./rule";

export const restored: Rule = ({ erasures: { refusal } }) =>
  refusal === null
    ? null
    : {
        code: "restored",
        state: "bad",
        sentence: say`No data is served. ${refusal}`,
        remedy:
          "A worker erases again what a restore brought back, as soon as it starts; `npm run erasure:reapply` does it now.",
        href: null,
        since: null,
      };

export const erasuresPaused: Rule = ({ erasures: { brake } }) =>
  brake === null
    ? null
    : {
        code: "erasures-paused",
        state: "warn",
        sentence: say`Erasures are paused since ${brake.engagedAt}, because there were ${counted(brake.deletions, "deletion")} within an hour. ${counted(brake.waiting, "erasure waits", "erasures wait")}. Access has ended for all of them.`,
        remedy:
          'Check whether the deletions are intended. If so, release the brake on the page Erasures, or with `npm run erasure -- release --reason "…"`. If not, undo them there.',
        href: paths.erasures,
        since: brake.engagedAt,
      };

export const erasuresLate: Rule = ({ erasures: { late } }) =>
  late === null
    ? null
    : {
        code: "erasures-late",
        state: "warn",
        sentence: say`${counted(late.count, "erasure")} should have ended already, the first of a deletion ${late.since}.`,
        remedy:
          "The log has the error of a step that failed; it runs again every 5 s. Without an error, no worker runs: start `npm run worker`.",
        href: paths.erasures,
        since: late.since,
      };
