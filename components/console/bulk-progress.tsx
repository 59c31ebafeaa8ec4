"use client";

import { useMutation } from "@apollo/client/react";
import { useRouter } from "next/navigation";
import { type ReactNode, useEffect, useState } from "react";
import { unconfirmedMessage } from "@/components/has-error-code";
import { Badge, type Tone } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Link } from "@/components/ui/link";
import { ProgressBar } from "@/components/ui/progress-bar";
import { type Column, Table } from "@/components/ui/table";
import { Time } from "@/components/ui/time";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { formatCount } from "@/lib/format";
import { paths } from "@/lib/paths";
import { BulkActFields, BulkActItemFields } from "./bulk-fields";
import { BulkStateBadge, bulkTitle, resultsOf } from "./bulk-state";
import { TextCell } from "./cells";

const stopMutation = graphql(`
  mutation StopBulkAct($id: ID!) {
    stopBulkAct(id: $id) {
      id
      state
    }
  }
`);

const resumeMutation = graphql(`
  mutation ResumeBulkAct($id: ID!) {
    resumeBulkAct(id: $id) {
      bulkId
      error
    }
  }
`);

type Item = ResultOf<typeof BulkActItemFields>;

const itemStates: Record<Item["state"], { word: string; tone: Tone }> = {
  PENDING: { word: "Not done yet", tone: "neutral" },
  DONE: { word: "Done", tone: "plain" },
  SKIPPED: { word: "Skipped", tone: "neutral" },
  REFUSED: { word: "Refused by Clerk", tone: "bad" },
};

/** Done at Clerk, but its webhook has not come: the mirror does not show it yet. */
const isPendingAtClerk = ({ state, act }: Item) => state === "DONE" && act?.state === "SENT";

function hrefOf(objectId: string): string | null {
  if (objectId.startsWith("user_")) return paths.user(objectId);
  return objectId.startsWith("org_") ? paths.organization(objectId) : null;
}

const columns: Column<Item>[] = [
  {
    header: "Object",
    width: "w-56",
    cell: ({ objectId, objectName }) => {
      const href = objectName ? hrefOf(objectId) : null;
      const text = objectName ?? objectId;
      const className = `block truncate text-ink ${objectName ? "" : "font-mono text-xs"}`;
      return href ? (
        <Link href={href} title={text} dir="auto" className={`${className} hover:underline`}>
          {text}
        </Link>
      ) : (
        <span title={text} dir="auto" className={className}>
          {text}
        </span>
      );
    },
  },
  {
    header: "Result",
    width: "w-40",
    cell: (item) =>
      isPendingAtClerk(item) ? (
        <Badge tone="wait">Pending at Clerk</Badge>
      ) : (
        <Badge tone={itemStates[item.state].tone}>{itemStates[item.state].word}</Badge>
      ),
  },
  {
    header: "Why",
    width: "w-56",
    cell: ({ note, act }) => <TextCell text={note ?? act?.error ?? null} />,
  },
];

const RUNNING_MS = 2_000;
const PAUSED_MS = 15_000;

type Outcome = { kind: "stop" | "resume"; error: string | null };

/** Shows the progress of a bulk act (one act on many objects) and refreshes while it runs. Buttons stop and resume the act. */
export function BulkProgress(props: {
  bulk: FragmentOf<typeof BulkActFields>;
  items: FragmentOf<typeof BulkActItemFields>[];
  /** The filter above the table. */
  children: ReactNode;
}) {
  const bulk = readFragment(BulkActFields, props.bulk);
  const items = readFragment(BulkActItemFields, props.items);
  const router = useRouter();
  const [stop, stopping] = useMutation(stopMutation);
  const [resume, resuming] = useMutation(resumeMutation);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const isOpen = bulk.state === "RUNNING" || bulk.state === "PAUSED";
  // A webhook refreshes the page too, so what is pending at Clerk needs no timer.
  const refreshMs = bulk.state === "RUNNING" ? RUNNING_MS : bulk.state === "PAUSED" ? PAUSED_MS : 0;
  useEffect(() => {
    if (refreshMs === 0) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") router.refresh();
    }, refreshMs);
    return () => clearInterval(timer);
  }, [refreshMs, router]);
  const finished = bulk.all - bulk.pending;
  const mayResume = bulk.pending > 0 && (bulk.state === "PAUSED" || bulk.state === "STOPPED");
  const isBusy = stopping.loading || resuming.loading;
  const act = async (kind: Outcome["kind"]) => {
    setOutcome(null);
    const variables = { id: bulk.id };
    try {
      let error: string | null = null;
      if (kind === "stop") await stop({ variables });
      else error = (await resume({ variables })).data?.resumeBulkAct.error ?? null;
      setOutcome({ kind, error });
    } catch (error) {
      const text = unconfirmedMessage(error) ?? "Rollcall did not answer. Try again.";
      setOutcome({ kind, error: text });
    }
    router.refresh();
  };
  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <div className="flex flex-wrap items-center gap-3">
          <h1 className="text-lg">{bulkTitle(bulk)}</h1>
          <BulkStateBadge state={bulk.state} />
        </div>
        <div className="flex gap-2">
          {isOpen && (
            <Button disabled={isBusy} onClick={() => void act("stop")}>
              Stop
            </Button>
          )}
          {mayResume && (
            <Button variant="primary" disabled={isBusy} onClick={() => void act("resume")}>
              {bulk.state === "PAUSED" ? "Resume now" : "Resume"}
            </Button>
          )}
        </div>
      </div>
      <div className="flex flex-col gap-2">
        <ProgressBar label="Progress" value={finished} max={bulk.all} />
        <p role="status" className="text-ink-soft tabular-nums">
          {formatCount(finished)} of {formatCount(bulk.all)}: {resultsOf(bulk)}.
          {bulk.note && ` ${bulk.note}`}
        </p>
        <p className="text-ink-soft">
          Started <Time value={bulk.requestedAt} /> by{" "}
          <Link href={paths.user(bulk.actorId)} className="text-ink hover:underline">
            <bdi>{bulk.actorName ?? bulk.actorId}</bdi>
          </Link>
          .{" "}
          {bulk.endedAt && (
            <>
              Ended <Time value={bulk.endedAt} />.{" "}
            </>
          )}
          {bulk.reason && (
            <>
              Reason: <bdi>{bulk.reason}</bdi>
            </>
          )}
        </p>
        {outcome?.error && (
          <p role="alert" className="text-bad">
            {outcome.kind === "stop" ? "It was not stopped." : "It was not resumed."}{" "}
            {outcome.error}
          </p>
        )}
      </div>
      {props.children}
      {items.length > 0 ? (
        <Table
          caption="Objects"
          columns={columns}
          rows={items}
          keyOf={({ position }) => String(position)}
        />
      ) : (
        <EmptyState>No object with this result.</EmptyState>
      )}
    </>
  );
}
