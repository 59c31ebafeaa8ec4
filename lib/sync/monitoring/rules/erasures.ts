/** Health rules for erasures: is the database older than its erasures, do erasures end in time, and does Clerk follow? */

import { paths } from "../../../paths";
import type { Facts } from "../facts";
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
        sentence: say`Erasures were paused ${brake.engagedAt}, because there were ${counted(brake.deletions, "deletion")} within an hour. ${counted(brake.waiting, "erasure waits", "erasures wait")}. Access has ended for all of them.`,
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

type FailingCall = Facts["erasures"]["failingCalls"][number]["call"];

const callNames: Record<FailingCall, [string, string]> = {
  delete_user: ["deletion of a user", "deletions of users"],
  keep_admin: [
    "new admin of an organization that has none",
    "new admins of organizations that have none",
  ],
  revoke_invitation: ["revocation of an invitation", "revocations of invitations"],
};

export const erasureCallsFailing: Rule = ({ erasures: { failingCalls } }) => {
  const [first] = failingCalls;
  if (!first) return null;
  const calls = failingCalls.map(({ call, count }) => counted(count, ...callNames[call]));
  const answer = first.error === "no answer" ? "it gave no answer" : `it answered ${first.error}`;
  return {
    code: "erasure-calls-failing",
    state: "warn",
    sentence: say`${calls.join(" and ")} failed at Clerk three times or more: ${answer}. The erasures here do not wait for Clerk.`,
    remedy:
      "The worker tries again at least once an hour. After 401 or 403, correct `CLERK_SECRET_KEY`. Otherwise make the change in Clerk's dashboard; the worker's log names what each call is about.",
    href: paths.erasures,
    since: null,
  };
};
