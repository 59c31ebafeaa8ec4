import type { ReactNode } from "react";
import { classNames } from "@/components/ui/class-names";
import { Time } from "@/components/ui/time";
import { type FragmentOf, graphql, readFragment } from "@/lib/document";
import { formatCount } from "@/lib/format";

export const SyncStateLine = graphql(`
  fragment SyncStateLine on SyncState {
    newestAt
    waiting
    setAside
    isWorkerAlive
  }
`);

const dots = { good: "bg-good", wait: "bg-wait", warn: "bg-warn", bad: "bg-bad" };

function deliveries(count: number, does: string, do_: string): string {
  return count === 1 ? `1 delivery ${does}` : `${formatCount(count)} deliveries ${do_}`;
}

/** How the mirror is, in one dot and one sentence: the worst of what is known. */
export function SyncState({ state }: { state: FragmentOf<typeof SyncStateLine> }) {
  const { newestAt, waiting, setAside, isWorkerAlive } = readFragment(SyncStateLine, state);
  if (setAside > 0) {
    return <Line tone="bad">{deliveries(setAside, "was", "were")} set aside</Line>;
  }
  if (!isWorkerAlive) return <Line tone="warn">No worker runs</Line>;
  if (waiting > 0) return <Line tone="wait">{deliveries(waiting, "waits", "wait")}</Line>;
  if (newestAt === null) return <Line tone="wait">Nothing has come from Clerk yet</Line>;
  return (
    <Line tone="good">
      Newest event <Time value={newestAt} />
    </Line>
  );
}

function Line({ tone, children }: { tone: keyof typeof dots; children: ReactNode }) {
  return (
    <p className="flex min-w-0 items-center gap-2 text-xs text-ink-soft">
      <span aria-hidden="true" className={classNames("size-2 shrink-0 rounded-full", dots[tone])} />
      <span className="truncate max-md:sr-only">{children}</span>
    </p>
  );
}
