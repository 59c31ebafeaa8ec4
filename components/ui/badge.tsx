import type { ReactNode } from "react";
import { classNames } from "./class-names";

export type Tone = "plain" | "neutral" | "good" | "wait" | "warn" | "bad";

const tones: Record<Tone, string> = {
  plain: "text-ink-soft",
  neutral: "bg-sunken px-2 font-strong text-ink",
  good: "bg-good-quiet px-2 font-strong text-good",
  wait: "bg-wait-quiet px-2 font-strong text-wait",
  warn: "bg-warn-quiet px-2 font-strong text-warn",
  bad: "bg-bad-quiet px-2 font-strong text-bad",
};

/** A state as one word. The colour adds no information to the word; a normal state has no colour. */
export function Badge({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span
      className={classNames(
        "inline-flex h-5 shrink-0 items-center rounded-full text-xs whitespace-nowrap",
        tones[tone],
      )}
    >
      {children}
    </span>
  );
}
