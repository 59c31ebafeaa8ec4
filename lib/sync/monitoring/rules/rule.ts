/** The type of a Health rule, and the units and words that rules share. */
import type { Facts } from "../facts";
import type { Finding } from "../finding";
import type { PipelineStage } from "../pipeline";

/** Returns a finding, or null if the facts do not show the rule's problem. Pure. */
export type Rule = (facts: Facts, pipeline: PipelineStage[]) => Finding | null;

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

export const ageOf = (facts: Facts, at: Date) => facts.now.getTime() - at.getTime();
export const isAre = (count: number) => (count === 1 ? "is" : "are");
