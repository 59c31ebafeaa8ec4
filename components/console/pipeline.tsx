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

/** What each stage is called, what is said of it when it is broken, and what one does then. */
export const stageTexts: Record<Stage["name"], { name: string; broken: string; remedy: string }> = {
  CLERK: {
    name: "Clerk takes a change",
    broken: "Clerk refused the canary’s change",
    remedy:
      "Check that CLERK_SECRET_KEY is that of this instance, and that the organization of CANARY_ORGANIZATION_ID still exists.",
  },
  SUBSCRIPTION: {
    name: "The endpoint is subscribed to it",
    broken: "Some events are not subscribed to",
    remedy:
      "Other events came, organization.updated did not. In Clerk’s dashboard, under Webhooks, subscribe the endpoint to all events.",
  },
  SENDER: {
    name: "Clerk sends it",
    broken: "Clerk sends nothing",
    remedy:
      "Clerk took the change and no webhook came. In Clerk’s dashboard, under Webhooks, see that the endpoint is there and enabled: after five days of failures it is switched off.",
  },
  ADDRESS: {
    name: "It finds us",
    broken: "Our address does not answer",
    remedy:
      "A GET of /api/webhooks/clerk at APP_URL must answer 405. Check APP_URL, its name and certificate, and what stands in front of the app.",
  },
  SIGNATURE: {
    name: "Its signature verifies",
    broken: "The signing secret is wrong",
    remedy:
      "Clerk’s own webhook was refused. CLERK_WEBHOOK_SIGNING_SECRET must be the endpoint’s signing secret; if it is, see that nothing on the way changes headers or body, and that this machine’s clock is right.",
  },
  WORKER: {
    name: "A worker looks after the rest",
    broken: "No worker runs",
    remedy:
      "What failed is not tried again, and nothing is reconciled. Set ROLLCALL_WORKER=in-app, run “npm run worker” beside the app, or let a scheduler call /api/cron every minute.",
  },
};

const states: Record<Stage["state"], { word: string; tone: Tone; icon: IconName; mark: string }> = {
  WORKING: { word: "Working", tone: "plain", icon: "check", mark: "bg-good-quiet text-good" },
  BROKEN: { word: "Broken", tone: "bad", icon: "close", mark: "bg-bad-quiet text-bad" },
  UNKNOWN: { word: "Not known", tone: "plain", icon: "minus", mark: "bg-sunken text-ink-faint" },
};

/** The way of an event from Clerk to here, stage by stage; a broken one with what to do about it. */
export function Pipeline({ state }: { state: FragmentOf<typeof PipelineState> }) {
  const { isCanarySet, pipeline } = readFragment(PipelineState, state);
  return (
    <>
      {!isCanarySet && (
        <p className="max-w-prose text-pretty text-ink-soft">
          Only what comes by itself is seen here. With CANARY_ORGANIZATION_ID set, a change is made
          at Clerk every 15 minutes, and each stage is watched.
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

/** A worker that stopped is known by its last sign of life; what else is broken was found so. */
function knownAtLabel({ name, state }: Stage): string {
  if (state === "WORKING") return "seen";
  return name === "WORKER" ? "last seen" : "found";
}

function StageRow({ stage }: { stage: Stage }) {
  const { name, remedy } = stageTexts[stage.name];
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
          <span className="font-strong">{name}</span>
          <Badge tone={tone}>{word}</Badge>
          {stage.knownAt && (
            <span className="text-xs text-ink-faint max-sm:basis-full sm:ml-auto">
              {knownAtLabel(stage)} <Time value={stage.knownAt} />
            </span>
          )}
        </div>
        {stage.state === "BROKEN" && (
          <p className="max-w-prose text-pretty text-ink-soft">{remedy}</p>
        )}
      </div>
    </li>
  );
}

export function PipelineSkeleton() {
  return (
    <StageList>
      {Object.keys(stageTexts).map((name) => (
        <li key={name} className={row}>
          <Skeleton className="size-5 rounded-full" />
          <Skeleton className="my-1 h-3 w-48" />
        </li>
      ))}
    </StageList>
  );
}
