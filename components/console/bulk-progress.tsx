"use client";

import { useMutation } from "@apollo/client/react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Badge, type Tone } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Link } from "@/components/ui/link";
import { type Column, Table } from "@/components/ui/table";
import { Time } from "@/components/ui/time";
import { useRefreshEvery } from "@/components/use-refresh-every";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { formatCount } from "@/lib/format";
import { paths } from "@/lib/paths";
import { BulkActFields } from "./bulk-fields";
import { TextCell } from "./cells";

const stopMutation = graphql(`
  mutation StopBulkAct($id: ID!) {
    stopBulkAct(id: $id) {
      id
      state
    }
  }
`);

type Bulk = ResultOf<typeof BulkActFields>;

const states: Record<Bulk["state"], { word: string; tone: Tone }> = {
  RUNNING: { word: "Running", tone: "wait" },
  PAUSED: { word: "Paused", tone: "warn" },
  STOPPED: { word: "Stopped", tone: "neutral" },
  DONE: { word: "Done", tone: "good" },
};

const itemStates: Record<Bulk["items"][number]["state"], { word: string; tone: Tone }> = {
  PENDING: { word: "Pending", tone: "wait" },
  DONE: { word: "Done at Clerk", tone: "plain" },
  SKIPPED: { word: "Skipped", tone: "neutral" },
  REFUSED: { word: "Refused by Clerk", tone: "bad" },
};

const columns: Column<Bulk["items"][number]>[] = [
  {
    header: "Object",
    width: "w-56",
    cell: ({ objectId }) =>
      objectId.startsWith("user_") ? (
        <Link
          href={paths.user(objectId)}
          className="block truncate font-mono text-xs hover:underline"
        >
          {objectId}
        </Link>
      ) : (
        <span className="block truncate font-mono text-xs">{objectId}</span>
      ),
  },
  {
    header: "State",
    width: "w-36",
    cell: ({ state }) => <Badge tone={itemStates[state].tone}>{itemStates[state].word}</Badge>,
  },
  {
    header: "Why",
    width: "w-56",
    cell: ({ note, act }) => <TextCell text={note ?? act?.error ?? null} />,
  },
];

/** How often (ms) the page refreshes. A paused act changes only when the worker tries again. */
const RUNNING_MS = 2_000;
const PAUSED_MS = 30_000;

/** Shows the progress of a bulk act (one act on many objects) and refreshes while it runs. A button stops the act. */
export function BulkProgress(props: { bulk: FragmentOf<typeof BulkActFields> }) {
  const bulk = readFragment(BulkActFields, props.bulk);
  const router = useRouter();
  const [stop, { loading, error }] = useMutation(stopMutation);
  const [hasStopped, setHasStopped] = useState(false);
  const isOpen = bulk.state === "RUNNING" || bulk.state === "PAUSED";
  useRefreshEvery(bulk.state === "RUNNING" ? RUNNING_MS : isOpen ? PAUSED_MS : null);
  const { word, tone } = states[bulk.state];
  const finished = bulk.all - bulk.pending;
  return (
    <div className="flex flex-col gap-5">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <div className="flex items-center gap-3">
          <h1 className="text-lg">
            {bulk.label}: {formatCount(bulk.all)} objects
          </h1>
          <Badge tone={tone}>{word}</Badge>
        </div>
        {isOpen && (
          <Button
            disabled={loading || hasStopped}
            onClick={async () => {
              // `error` below reports a failure.
              const stopped = await stop({ variables: { id: bulk.id } }).catch(() => null);
              if (!stopped) return;
              setHasStopped(true);
              router.refresh();
            }}
          >
            {hasStopped ? "Stopping" : "Stop"}
          </Button>
        )}
      </div>
      <div className="flex flex-col gap-2">
        <progress
          aria-label="Progress"
          value={finished}
          max={Math.max(1, bulk.all)}
          className="h-2 w-full accent-accent"
        />
        <p role="status" className="text-ink-soft tabular-nums">
          {formatCount(finished)} of {formatCount(bulk.all)}: {formatCount(bulk.done)} done,{" "}
          {formatCount(bulk.skipped)} skipped, {formatCount(bulk.refused)} refused. Started{" "}
          <Time value={bulk.requestedAt} />.{bulk.note && ` ${bulk.note}`}
        </p>
        {bulk.reason && (
          <p className="text-ink-soft">
            Reason: <bdi>{bulk.reason}</bdi>
          </p>
        )}
        {error && (
          <p role="alert" className="text-bad">
            It was not stopped. Try again.
          </p>
        )}
      </div>
      <Table
        caption="Objects"
        columns={columns}
        rows={bulk.items}
        keyOf={({ position }) => String(position)}
      />
      {bulk.all > bulk.items.length && (
        <p className="text-ink-soft">The first {formatCount(bulk.items.length)} are shown.</p>
      )}
    </div>
  );
}
