import { Badge, type Tone } from "@/components/ui/badge";
import type { ResultOf } from "@/lib/document";
import { formatCount } from "@/lib/format";
import type { BulkActFields } from "./bulk-fields";

type Bulk = ResultOf<typeof BulkActFields>;

const states: Record<Bulk["state"], { word: string; tone: Tone }> = {
  RUNNING: { word: "Running", tone: "wait" },
  PAUSED: { word: "Paused", tone: "warn" },
  STOPPED: { word: "Stopped", tone: "neutral" },
  DONE: { word: "Done", tone: "good" },
};

export function BulkStateBadge({ state }: { state: Bulk["state"] }) {
  return <Badge tone={states[state].tone}>{states[state].word}</Badge>;
}

/** Returns the title of a bulk act: "Ban: 12 users". */
export const bulkTitle = ({ label, all, objectKind }: Bulk) =>
  `${label}: ${formatCount(all)} ${objectKind}${all === 1 ? "" : "s"}`;

/** Returns the counts of the results: "8 done, 1 skipped, 1 refused". */
export function resultsOf({ done, skipped, refused, pending, state }: Bulk): string {
  const isOpen = state === "RUNNING" || state === "PAUSED";
  return [
    `${formatCount(done)} done`,
    skipped > 0 && `${formatCount(skipped)} skipped`,
    refused > 0 && `${formatCount(refused)} refused`,
    pending > 0 && `${formatCount(pending)} ${isOpen ? "to go" : "not done"}`,
  ]
    .filter(Boolean)
    .join(", ");
}
