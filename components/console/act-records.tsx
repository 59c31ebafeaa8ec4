import { Badge, type Tone } from "@/components/ui/badge";
import { EmptyState } from "@/components/ui/empty-state";
import { type Column, Table, TableSkeleton } from "@/components/ui/table";
import { Time } from "@/components/ui/time";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { TextCell } from "./cells";

export const ActRecordFields = graphql(`
  fragment ActRecordFields on Act {
    id
    label
    name
    state
    actorId
    actorName
    objectName
    reason
    error
    requestedAt
  }
`);

type ActRecord = ResultOf<typeof ActRecordFields>;

const states: Record<ActRecord["state"], { word: string; tone: Tone }> = {
  REQUESTED: { word: "Waiting for Clerk", tone: "wait" },
  SENT: { word: "Pending at Clerk", tone: "wait" },
  CONFIRMED: { word: "Done", tone: "plain" },
  REFUSED: { word: "Refused by Clerk", tone: "bad" },
  UNANSWERED: { word: "Not known", tone: "warn" },
};

function StateBadge({ state }: { state: ActRecord["state"] }) {
  const { word, tone } = states[state];
  return <Badge tone={tone}>{word}</Badge>;
}

/**
 * A failed act, or an act with an unknown result, is shown above the page until this long (ms) after its request. Later, only the
 * tab Audit lists it.
 */
const SHOWN_FAILURE_MS = 15 * 60_000;

function isCurrent({ state, requestedAt }: ActRecord, now: number): boolean {
  if (state === "REQUESTED" || state === "SENT") return true;
  return state !== "CONFIRMED" && now - Date.parse(requestedAt) < SHOWN_FAILURE_MS;
}

const MAX_SHOWN = 3;

/**
 * Shows at most {@link MAX_SHOWN} acts on this object: those that the mirror has not confirmed yet, and those that failed or have
 * an unknown result, for {@link SHOWN_FAILURE_MS}.
 */
export function PendingActs(props: { acts: FragmentOf<typeof ActRecordFields>[]; now: number }) {
  const shown = readFragment(ActRecordFields, props.acts)
    .filter((act) => isCurrent(act, props.now))
    .slice(0, MAX_SHOWN);
  if (shown.length === 0) return null;
  return (
    <ul className="flex flex-col rounded-card border border-line bg-surface">
      {shown.map((act) => (
        <li
          key={act.id}
          className="flex min-h-9 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-1.5 last:border-b-0"
        >
          <StateBadge state={act.state} />
          <span className="font-strong">{act.label}</span>
          <span className="text-ink-soft">
            <Time value={act.requestedAt} />
            {act.actorName && (
              <>
                {" by "}
                <bdi>{act.actorName}</bdi>
              </>
            )}
          </span>
          {act.error && <span className="wrap-anywhere text-bad">{act.error}</span>}
        </li>
      ))}
    </ul>
  );
}

const columns: Column<ActRecord>[] = [
  {
    header: "Act",
    width: "w-40",
    cell: ({ label, objectName, actorName }) => (
      <>
        <span className="block truncate font-strong text-ink">{label}</span>
        <span className="block truncate text-xs text-ink-faint md:hidden">
          {actorName ?? objectName}
        </span>
      </>
    ),
  },
  { header: "State", width: "w-36", cell: ({ state }) => <StateBadge state={state} /> },
  {
    header: "Object",
    width: "w-44",
    isWideOnly: true,
    cell: ({ objectName }) => <TextCell text={objectName} />,
  },
  {
    header: "By",
    width: "w-36",
    isWideOnly: true,
    cell: ({ actorName, actorId }) => <TextCell text={actorName ?? actorId} />,
  },
  {
    header: "Reason",
    width: "w-48",
    isWideOnly: true,
    cell: ({ reason }) => <TextCell text={reason} />,
  },
  {
    header: "Clerk’s answer",
    width: "w-48",
    isWideOnly: true,
    cell: ({ error }) => <TextCell text={error} />,
  },
  {
    header: "Requested",
    width: "w-32",
    cell: ({ requestedAt }) => <Time value={requestedAt} />,
  },
];

const caption = "Acts at Clerk";

export function ActsTable(props: { acts: FragmentOf<typeof ActRecordFields>[]; empty: string }) {
  const rows = readFragment(ActRecordFields, props.acts);
  if (rows.length === 0) return <EmptyState>{props.empty}</EmptyState>;
  return <Table caption={caption} columns={columns} rows={rows} keyOf={({ id }) => id} />;
}

export function ActsTableSkeleton() {
  return <TableSkeleton caption={caption} columns={columns} rowCount={5} />;
}
