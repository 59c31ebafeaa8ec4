/** The result of a check of `npm run doctor`. A check also returns a finding if all is well, so that the report is complete. */
import type { FindingState, Finding as HealthFinding } from "../sync/monitoring/finding";
import { sentenceText } from "../sync/monitoring/verdict";

export type Finding = {
  /** The name of the check, in one or two words. */
  check: string;
  /** The code of a finding of the Health page, by which `--allow` names it; null for the doctor's own checks. */
  code: string | null;
  /** `wait`: this process could not check it, or the result is not known yet. Only `bad` makes the exit code 1. */
  state: FindingState;
  sentence: string;
  /** What to do about the finding; null if there is nothing to do. */
  remedy: string | null;
};

export const ok = (check: string, sentence: string): Finding => ({
  check,
  code: null,
  state: "good",
  sentence,
  remedy: null,
});

export const finding = (
  state: Exclude<FindingState, "good">,
  check: string,
  sentence: string,
  remedy: string,
): Finding => ({ check, code: null, state, sentence, remedy });

/** Converts a finding of the Health page to one of `npm run doctor`. The ages in its text are as of `now`. */
export function shown(check: string, found: HealthFinding, now: Date): Finding {
  const { code, state, sentence, remedy } = found;
  return { check, code, state, sentence: sentenceText(sentence, now), remedy };
}

/** Returns why a request got no response, in one or two words: the network error code, or the name of the error. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown cause";
  if (error.cause instanceof Error) return causeOf(error.cause);
  if (error instanceof AggregateError && error.errors.length > 0) return causeOf(error.errors[0]);
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
