/** A finding about the sync, and the helpers that build its sentence. */
import { formatCount } from "../../format";

/** The states from worst to best. `wait`: no problem is known, but something is not known or not finished yet. */
export const findingStates = ["bad", "warn", "wait", "good"] as const;
export type FindingState = (typeof findingStates)[number];

/** Text, or a time that is shown as its age ("3 s ago"). */
export type Part = string | Date;

export type Finding = {
  code: string;
  state: FindingState;
  /** One or two sentences. Each time in them is shown as an age. */
  sentence: Part[];
  /** The action that clears the finding. Commands, variables and paths are between backticks. Null if nothing is to be done. */
  remedy: string | null;
  /** The path of the page that lists the objects that the finding counts. */
  href: string | null;
  /** The time since which the finding is true, if known. */
  since: Date | null;
};

/** Builds a sentence that contains ages, for example say`Last event ${at}.`. A null time is shown as "at an unknown time". */
export function say(texts: TemplateStringsArray, ...values: (string | Date | null)[]): Part[] {
  return texts.flatMap((text, index): Part[] => {
    if (index >= values.length) return [text];
    return [text, values[index] ?? "at an unknown time"];
  });
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

export const deliveriesOf = (count: number) => counted(count, "delivery", "deliveries");

/** Shortens an id to the form "ins_2abc…wxyz", which is enough to compare it with Clerk's dashboard. */
export function shortId(id: string): string {
  return id.length > 16 ? `${id.slice(0, 8)}…${id.slice(-4)}` : id;
}
