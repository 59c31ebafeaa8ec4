/**
 * Judges the sync: facts → findings, from worst to best. Pure. The first finding is the verdict; the last one says how old
 * the newest event is. Each problem has a remedy that clears it, and no sentence claims more than is known.
 */
import type { DatabaseFault } from "../../database-fault";
import { formatAge } from "../../format";
import type { Facts } from "./facts";
import { type Finding, type FindingState, findingStates, type Part } from "./finding";
import { FRESH_MS, latestEvent } from "./latest-event";
import { assessPipeline, type PipelineStage } from "./pipeline";
import { rules } from "./rules";

export type Verdict = { findings: Finding[]; pipeline: PipelineStage[] };

/**
 * Assesses the stages. A working stage whose evidence is older than FRESH_MS becomes unknown: nothing proves that it still works.
 */
function pipelineOf({ now, canary, deliveries, worker }: Facts): PipelineStage[] {
  const evidence = { round: canary.ended, verifiedAt: deliveries.newestAt, ...worker };
  return assessPipeline(evidence).map((stage) => {
    const isOld = stage.knownAt !== null && now.getTime() - stage.knownAt.getTime() > FRESH_MS;
    return isOld && stage.state === "working" ? { ...stage, state: "unknown" } : stage;
  });
}

const severity = ({ state }: Finding) => findingStates.indexOf(state);

/** Returns the verdict. Findings of equal severity stay in the order of the rules. */
export function assess(facts: Facts): Verdict {
  const pipeline = pipelineOf(facts);
  const problems = rules.flatMap((rule) => rule(facts, pipeline) ?? []);
  problems.sort((a, b) => severity(a) - severity(b));
  return { findings: [...problems, latestEvent(facts, problems.length === 0)], pipeline };
}

/** Returns the verdict while the database cannot be read: the database fault, and nothing about the sync. */
export function assessFault({ kind, sentence, remedy, message }: DatabaseFault): Verdict {
  const fault: Finding = {
    code: "database",
    state: "bad",
    sentence:
      kind === "unknown"
        ? [
            `The state of the sync cannot be read. The cause is unknown: ${message ?? "see the log"}.`,
          ]
        : [sentence, " The state of the sync is unknown."],
    remedy: kind === "unknown" ? "The log of this process has the error." : remedy,
    href: null,
    since: null,
  };
  const evidence = { round: null, verifiedAt: null, workerHeartbeatAt: null };
  const pipeline = assessPipeline({ ...evidence, isWorkerRunning: null });
  return { findings: [fault], pipeline };
}

export function worstState(findings: Finding[]): FindingState {
  return findings.map(({ state }) => state).find((state) => state !== "good") ?? "good";
}

/** Returns the sentence as text, with ages as of `now`. */
export function sentenceText(sentence: Part[], now: Date): string {
  return sentence
    .map((part) => (typeof part === "string" ? part : formatAge(part.getTime(), now.getTime())))
    .join("");
}

/** Returns the commands in a remedy, in the order in which to run them. */
export function commandsIn(remedy: string | null): string[] {
  return [...(remedy ?? "").matchAll(/`((?:npm|npx) [^`]+)`/g)].map(([, command]) => command ?? "");
}
