/** What every rule is, and the units and words that they share. */
import type { Facts } from "../facts";
import type { Finding } from "../finding";
import type { PipelineStage } from "../pipeline";

/** Returns its finding, or null if the facts show no such problem. Pure. */
export type Rule = (facts: Facts, pipeline: PipelineStage[]) => Finding | null;

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

export const ageOf = (facts: Facts, at: Date) => facts.now.getTime() - at.getTime();
export const isAre = (count: number) => (count === 1 ? "is" : "are");
