import Link from "next/link";
import type { ReactNode } from "react";
import { classNames } from "@/components/ui/class-names";
import { Time } from "@/components/ui/time";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { formatCount } from "@/lib/format";
import { paths } from "@/lib/paths";
import { stageTexts } from "./pipeline";

export const SyncStateLine = graphql(`
  fragment SyncStateLine on SyncState {
    verdict
    newestAt
    pending
    needsAttention
    pipeline {
      name
      state
    }
  }
`);

type Shown = ResultOf<typeof SyncStateLine>;

const dots = { good: "bg-good", wait: "bg-wait", warn: "bg-warn", bad: "bg-bad" };

const tones: Record<Shown["verdict"], keyof typeof dots> = {
  BROKEN_STAGE: "bad",
  NEEDS_ATTENTION: "bad",
  NO_WORKER: "warn",
  NOT_RECONCILED: "warn",
  PENDING: "wait",
  NO_EVENTS: "wait",
  CURRENT: "good",
};

function deliveries(count: number, does: string, do_: string): string {
  return count === 1 ? `1 delivery ${does}` : `${formatCount(count)} deliveries ${do_}`;
}

const sentences: Record<Shown["verdict"], (state: Shown) => ReactNode> = {
  BROKEN_STAGE: ({ pipeline }) => {
    const broken = pipeline.find(({ state }) => state === "BROKEN");
    return broken && stageTexts[broken.name].broken;
  },
  NEEDS_ATTENTION: ({ needsAttention }) => `${deliveries(needsAttention, "was", "were")} set aside`,
  NO_WORKER: () => stageTexts.WORKER.broken,
  NOT_RECONCILED: () => "The last reconciliation did not finish",
  PENDING: ({ pending }) => deliveries(pending, "waits", "wait"),
  NO_EVENTS: () => "Nothing has come from Clerk yet",
  CURRENT: ({ newestAt }) =>
    newestAt && (
      <>
        Newest event <Time value={newestAt} />
      </>
    ),
};

/** What to do about it; of links the chain itself says it. */
const advice: Record<Shown["verdict"], ReactNode> = {
  BROKEN_STAGE: null,
  NEEDS_ATTENTION: (
    <>
      They are kept. Once their cause is gone, <Command>npm run replay -- --dead</Command> applies
      those that failed at the last try; events of another instance stay where they are.
    </>
  ),
  NO_WORKER: null,
  NOT_RECONCILED: (
    <>
      What was lost on the way may still be missing. <Command>npm run sync</Command> says what
      stopped it, and goes on.
    </>
  ),
  PENDING: "What failed to apply is tried again by itself, later each time.",
  NO_EVENTS: (
    <>
      In Clerk’s dashboard, under Webhooks, add this app’s <Command>/api/webhooks/clerk</Command> as
      an endpoint with all events. <Command>npm run sync</Command> brings who is there already.
    </>
  ),
  CURRENT: null,
};

/** How the mirror is, in one dot and one sentence: the worst of what is known. */
export function SyncState({ state }: { state: FragmentOf<typeof SyncStateLine> }) {
  const shown = readFragment(SyncStateLine, state);
  return (
    <div className="flex flex-col gap-1">
      <p className="flex items-center gap-2.5 text-base font-strong">
        <Dot verdict={shown.verdict} className="size-2.5" />
        <span>{sentences[shown.verdict](shown)}</span>
      </p>
      {advice[shown.verdict] && (
        <p className="max-w-prose text-pretty text-ink-soft">{advice[shown.verdict]}</p>
      )}
    </div>
  );
}

/** The same in the bar of every page; where there is no room, the dot alone is seen. It leads to the health page. */
export function SyncStateLink({ state }: { state: FragmentOf<typeof SyncStateLine> }) {
  const shown = readFragment(SyncStateLine, state);
  return (
    <Link
      href={paths.health}
      className="flex h-8 min-w-8 items-center gap-2 rounded-control px-2 text-xs text-ink-soft hover:bg-sunken hover:text-ink max-md:justify-center"
    >
      <Dot verdict={shown.verdict} className="size-2" />
      <span className="truncate max-md:sr-only">{sentences[shown.verdict](shown)}</span>
    </Link>
  );
}

function Command({ children }: { children: string }) {
  return <code className="font-mono text-xs whitespace-nowrap">{children}</code>;
}

function Dot({ verdict, className }: { verdict: Shown["verdict"]; className: string }) {
  return (
    <span
      aria-hidden="true"
      className={classNames("shrink-0 rounded-full", dots[tones[verdict]], className)}
    />
  );
}
