/** A finding about the sync, and how its sentence is built. */
import { formatCount } from "../../format";

/** From worst to best. `wait`: no problem is known, but something is not known or not finished yet. */
export const findingStates = ["bad", "warn", "wait", "good"] as const;
export type FindingState = (typeof findingStates)[number];

/** Text, or a time that is shown as its age ("3 s ago"). */
export type Part = string | Date;

export type Finding = {
  code: string;
  state: FindingState;
  /** One or two sentences; times are shown as ages. */
  sentence: Part[];
  /** What clears the finding. Commands, variables and paths are between backticks. Null when nothing is to be done. */
  remedy: string | null;
  /** The page with the objects that it counts. */
  href: string | null;
  /** Since when the finding is true, as far as it is known. */
  since: Date | null;
};

/** A sentence with ages: say`Last event ${at}.`. A null time is shown as "at an unknown time". */
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

/** "ins_2abc…wxyz": enough to compare with the dashboard. */
export function shortId(id: string): string {
  return id.length > 16 ? `${id.slice(0, 8)}…${id.slice(-4)}` : id;
}
