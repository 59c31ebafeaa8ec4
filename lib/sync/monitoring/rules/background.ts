/** Health rules for background work: the worker, reconciliation with Clerk, and users that are not loaded yet. */
import { paths } from "../../../paths";
import type { Facts, RunFacts } from "../facts";
import { counted, type Part, say } from "../finding";
import { ageOf, HOUR, MINUTE, type Rule } from "./rule";

/** The maximum time in ms between two reconciliations: the schedule is daily, and a run may take up to two hours. */
const RECONCILIATION_EVERY_MS = 26 * HOUR;
/** A paused run that is not resumed within this time (ms) is a problem: the worker resumes it after 15 minutes. */
const RESUMED_WITHIN_MS = 30 * MINUTE;

export const noWorker: Rule = ({ worker }) =>
  worker.isWorkerRunning
    ? null
    : {
        code: "no-worker",
        state: "warn",
        sentence: worker.workerHeartbeatAt
          ? say`No background worker is running; one was last seen ${worker.workerHeartbeatAt}. Failed deliveries are not retried, and nothing is reconciled.`
          : say`No background worker has ever run. Failed deliveries are not retried, and nothing is reconciled.`,
        remedy:
          "Set `ROLLCALL_WORKER=in-app`, run `npm run worker` as a second process, or call `/api/cron` every minute from a scheduler.",
        href: null,
        since: worker.workerHeartbeatAt,
      };

type Problem = { sentence: Part[]; remedy: string; state?: "wait" };

const UNKNOWN_REASON = "the reason is unknown.";
const asSentence = (reason: string | null) =>
  reason ? `${reason.replace(/\.$/, "")}.` : UNKNOWN_REASON;

function failedRun(run: RunFacts, lastDoneAt: Date | null): Problem {
  const complete = lastDoneAt
    ? say` The last complete one ended ${lastDoneAt}.`
    : say` None was ever complete.`;
  const at = run.endedAt ?? run.startedAt;
  const sentence = [
    ...say`The last reconciliation ${run.isDeletionLimit ? "stopped" : "failed"} ${at}: ${asSentence(run.reason)}`,
    ...complete,
  ];
  return {
    sentence,
    remedy: run.isDeletionLimit
      ? "If they were deleted at Clerk on purpose, run `npm run sync -- --force`. If not, check that `CLERK_SECRET_KEY` belongs to the right instance, then run `npm run sync`."
      : "Run `npm run sync`; it prints the error, or clears this.",
  };
}

function runProblem(facts: Facts): Problem | null {
  const { lastRepair: run, lastDoneAt, isLeaseHeld } = facts.runs;
  if (run?.status === "failed") return failedRun(run, lastDoneAt);
  if (run?.status === "running" && !isLeaseHeld) {
    return {
      sentence: say`The last reconciliation began ${run.startedAt} and was interrupted.`,
      remedy: "Run `npm run sync`: it continues where that one was.",
    };
  }
  if (run?.status === "paused") {
    const at = run.endedAt ?? run.startedAt;
    const isLate = ageOf(facts, at) > RESUMED_WITHIN_MS;
    return {
      sentence: say`The reconciliation paused ${at}: ${asSentence(run.reason)}`,
      remedy: isLate
        ? "The worker should have continued it. Run `npm run sync` to continue it now."
        : "The worker continues it within 15 minutes; `npm run sync` continues it now.",
      ...(isLate ? {} : { state: "wait" }),
    };
  }
  const isRunning = run?.status === "running";
  const dueSince = lastDoneAt ?? facts.setUpAt;
  if (isRunning || dueSince === null || ageOf(facts, dueSince) <= RECONCILIATION_EVERY_MS)
    return null;
  return {
    sentence: lastDoneAt
      ? say`The last reconciliation ended ${lastDoneAt}; one should run every night.`
      : say`The mirror was never compared with Clerk since it was set up ${dueSince}.`,
    remedy:
      "Run `npm run sync`. A worker does it every night at 02:41 UTC, or when it starts, if it was off by then.",
  };
}

export const reconciliation: Rule = (facts) => {
  const problem = runProblem(facts);
  if (!problem) return null;
  const { lastRepair, lastDoneAt } = facts.runs;
  return {
    code: "reconciliation",
    state: problem.state ?? "warn",
    sentence: problem.sentence,
    remedy: problem.remedy,
    href: null,
    since: lastRepair?.endedAt ?? lastDoneAt ?? facts.setUpAt,
  };
};

export const unreadAtClerk: Rule = ({ runs }) => {
  const { unreadable: objects, partial, unreadAt } = runs;
  if (objects + partial === 0) return null;
  const what =
    objects > 0
      ? `${counted(objects, "object")} at Clerk could not be read`
      : `${counted(partial, "object")} at Clerk had attributes that could not be read`;
  return {
    code: "unread-at-clerk",
    state: "warn",
    sentence: say`${what} by the reconciliation of ${unreadAt}. Everything else was compared.`,
    remedy:
      "The list names the attributes. Correct them at Clerk, or update Rollcall; then run `npm run sync`.",
    href: paths.syncUnread,
    since: unreadAt,
  };
};

export const provisionings: Rule = ({ provisionings: { count, oldestAt } }) =>
  count > 0
    ? {
        code: "provisioning",
        state: "warn",
        sentence: say`${counted(count, "person has", "people have")} signed in, but Clerk’s details of them could not be loaded, the first ${oldestAt}.`,
        remedy:
          "Rollcall retries at growing intervals. The list has the reasons and a button to try again. `npm run sync` loads everybody whom Clerk lists; the worker then clears this within a minute.",
        href: paths.syncProfiles,
        since: oldestAt,
      }
    : null;
