import type { ReactNode } from "react";
import { classNames } from "@/components/ui/class-names";
import { Link } from "@/components/ui/link";
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

type State = ResultOf<typeof SyncStateLine>;

const dots = { good: "bg-good", wait: "bg-wait", warn: "bg-warn", bad: "bg-bad" };

const tones: Record<State["verdict"], keyof typeof dots> = {
  BROKEN_STAGE: "bad",
  NEEDS_ATTENTION: "bad",
  NO_WORKER: "warn",
  NOT_RECONCILED: "warn",
  PENDING: "wait",
  NO_EVENTS: "wait",
  CURRENT: "good",
};

function deliveries(count: number): string {
  return count === 1 ? "1 delivery" : `${formatCount(count)} deliveries`;
}

const sentences: Record<State["verdict"], (state: State) => ReactNode> = {
  BROKEN_STAGE: ({ pipeline }) => {
    const broken = pipeline.find(({ state }) => state === "BROKEN");
    return broken && stageTexts[broken.name].broken;
  },
  NEEDS_ATTENTION: ({ needsAttention }) =>
    `${deliveries(needsAttention)} ${needsAttention === 1 ? "needs" : "need"} attention`,
  NO_WORKER: () => stageTexts.WORKER.broken,
  NOT_RECONCILED: () => "The last reconciliation did not finish",
  PENDING: ({ pending }) => `${deliveries(pending)} pending`,
  NO_EVENTS: () => "No events from Clerk yet",
  CURRENT: ({ newestAt }) =>
    newestAt && (
      <>
        Up to date. Last event <Time value={newestAt} />
      </>
    ),
};

/** What to do about each verdict. For a broken stage and a missing worker the pipeline shows the remedy. */
const advice: Record<State["verdict"], ReactNode> = {
  BROKEN_STAGE: null,
  NEEDS_ATTENTION: (
    <>
      Nothing is lost. Fix the cause, then run <Command>npm run replay -- --dead</Command> to apply
      dead letters. Events of another Clerk instance stay quarantined.
    </>
  ),
  NO_WORKER: null,
  NOT_RECONCILED: (
    <>
      Lost events may not have been repaired. Run <Command>npm run sync</Command> to see the error
      and resume.
    </>
  ),
  PENDING: "Rollcall retries these automatically, at growing intervals.",
  NO_EVENTS: (
    <>
      In Clerk’s dashboard, under Webhooks, add this app’s <Command>/api/webhooks/clerk</Command> as
      an endpoint for all events. Run <Command>npm run sync</Command> to import existing users and
      organizations.
    </>
  ),
  CURRENT: null,
};

/** The verdict on the sync as a dot and a sentence, with advice. */
export function SyncState({ state }: { state: FragmentOf<typeof SyncStateLine> }) {
  const current = readFragment(SyncStateLine, state);
  return (
    <div className="flex flex-col gap-1">
      <p className="flex items-center gap-2.5 text-base font-strong">
        <Dot verdict={current.verdict} className="size-2.5" />
        <span>{sentences[current.verdict](current)}</span>
      </p>
      {advice[current.verdict] && (
        <p className="max-w-prose text-pretty text-ink-soft">{advice[current.verdict]}</p>
      )}
    </div>
  );
}

/** The verdict in the bar of every console page, as a link to the health page. Narrow screens show only the dot. */
export function SyncStateLink({ state }: { state: FragmentOf<typeof SyncStateLine> }) {
  const current = readFragment(SyncStateLine, state);
  return (
    <Link
      href={paths.health}
      className="flex h-8 min-w-8 items-center gap-2 rounded-control px-2 text-xs text-ink-soft hover:bg-sunken hover:text-ink max-md:justify-center"
    >
      <Dot verdict={current.verdict} className="size-2" />
      <span className="truncate max-md:sr-only">{sentences[current.verdict](current)}</span>
    </Link>
  );
}

function Command({ children }: { children: string }) {
  return <code className="font-mono text-xs whitespace-nowrap">{children}</code>;
}

function Dot({ verdict, className }: { verdict: State["verdict"]; className: string }) {
  return (
    <span
      aria-hidden="true"
      className={classNames("shrink-0 rounded-full", dots[tones[verdict]], className)}
    />
  );
}
