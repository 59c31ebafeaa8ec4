import type { ReactNode } from "react";
import { Badge, type Tone } from "@/components/ui/badge";
import { classNames } from "@/components/ui/class-names";
import { Icon, type IconName } from "@/components/ui/icon";
import { Skeleton } from "@/components/ui/skeleton";
import { Time } from "@/components/ui/time";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";

export const PipelineState = graphql(`
  fragment PipelineState on SyncState {
    isCanarySet
    pipeline {
      name
      state
      knownAt
    }
  }
`);

type Stage = ResultOf<typeof PipelineState>["pipeline"][number];

const stageNames: Record<Stage["name"], string> = {
  CLERK: "Clerk API",
  SUBSCRIPTION: "Event subscription",
  SENDER: "Webhooks sent",
  ADDRESS: "Endpoint reachable",
  SIGNATURE: "Signature valid",
  WORKER: "Background worker",
};

const states: Record<Stage["state"], { word: string; tone: Tone; icon: IconName; mark: string }> = {
  WORKING: { word: "Working", tone: "plain", icon: "check", mark: "bg-good-quiet text-good" },
  BROKEN: { word: "Broken", tone: "bad", icon: "close", mark: "bg-bad-quiet text-bad" },
  UNKNOWN: { word: "Unknown", tone: "plain", icon: "minus", mark: "bg-sunken text-ink-faint" },
};

/** The stages that an event passes from Clerk to the mirror, each with its state. The remedies are shown with the findings. */
export function Pipeline({ state }: { state: FragmentOf<typeof PipelineState> }) {
  const { isCanarySet, pipeline } = readFragment(PipelineState, state);
  return (
    <>
      {isCanarySet === false && (
        <p className="max-w-prose text-pretty text-ink-soft">
          Two checks are off, and the others rest on the newest event. Set CANARY_ORGANIZATION_ID to
          test the whole path every 15 minutes.
        </p>
      )}
      <StageList>
        {pipeline.map((stage) => (
          <StageRow key={stage.name} stage={stage} />
        ))}
      </StageList>
    </>
  );
}

function StageList({ children }: { children: ReactNode }) {
  return <ol className="rounded-card border border-line bg-surface px-4 py-2">{children}</ol>;
}

const row =
  "relative flex gap-3 py-2 before:absolute before:top-7 before:-bottom-2 before:left-[0.594rem] before:w-px before:bg-line last:before:hidden";

/**
 * Returns the label for the time `knownAt`. For a broken worker, `knownAt` is the time of the last heartbeat. For any other
 * broken stage, it is the start of the canary round that found the stage broken.
 */
function knownAtLabel({ name, state }: Stage): string {
  if (state !== "BROKEN") return "last seen";
  return name === "WORKER" ? "last seen" : "detected";
}

function StageRow({ stage }: { stage: Stage }) {
  const { word, tone, icon, mark } = states[stage.state];
  return (
    <li className={row}>
      <span
        className={classNames(
          "relative grid size-5 shrink-0 place-items-center rounded-full",
          mark,
        )}
      >
        <Icon name={icon} className="size-3" />
      </span>
      <div className="min-w-0 flex-1">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-0.5">
          <span className="font-strong">{stageNames[stage.name]}</span>
          <Badge tone={tone}>{word}</Badge>
          {stage.knownAt && (
            <span className="text-xs text-ink-faint max-sm:basis-full sm:ml-auto">
              {knownAtLabel(stage)} <Time value={stage.knownAt} />
            </span>
          )}
        </div>
      </div>
    </li>
  );
}

export function PipelineSkeleton() {
  return (
    <StageList>
      {Object.keys(stageNames).map((name) => (
        <li key={name} className={row}>
          <Skeleton className="size-5 rounded-full" />
          <Skeleton className="my-1 h-3 w-48" />
        </li>
      ))}
    </StageList>
  );
}
