"use client";

import dynamic from "next/dynamic";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { clearSelection, useSelection } from "@/components/ui/selection";
import { readFragment } from "@/lib/document";
import { formatCount } from "@/lib/format";
import {
  type BulkableAct,
  BulkableActFields,
  countedRows,
  type ForSelection,
} from "./bulkable-acts";

const BulkDialog = dynamic(() => import("./bulk-dialog").then((file) => file.BulkDialog));
const DeliveryActs = dynamic(() => import("./delivery-acts").then((file) => file.DeliveryActs));
const ExportSelection = dynamic(() =>
  import("./export-selection").then((file) => file.ExportSelection),
);

/**
 * Shows how many rows of a list are selected, on this page and on other pages, and the acts on them. Stays at the bottom of the
 * window while rows are selected.
 */
export function SelectionBar(props: {
  path: string;
  what: string;
  pageIds: string[];
  forSelection?: ForSelection | undefined;
}) {
  const { path, what, pageIds, forSelection } = props;
  const selected = useSelection(path);
  const [open, setOpen] = useState<BulkableAct | "export" | null>(null);
  const close = () => setOpen(null);
  if (selected.size === 0) return null;
  const here = pageIds.filter((id) => selected.has(id)).length;
  const elsewhere = selected.size - here;
  const objects = forSelection === "deliveries" ? undefined : forSelection;
  const acts = readFragment(BulkableActFields, objects?.acts ?? []);
  const ids = [...selected];
  return (
    <section
      aria-label="Selection"
      className="sticky bottom-4 z-10 mx-auto flex min-h-11 max-w-full flex-wrap items-center gap-2 rounded-card border border-line bg-surface px-4 py-1.5 shadow-float"
    >
      <p role="status" className="mr-2 tabular-nums">
        {countedRows(selected.size, what)} selected
        {elsewhere > 0 && (
          <span className="text-ink-faint"> · {formatCount(elsewhere)} on other pages</span>
        )}
      </p>
      {forSelection === "deliveries" && (
        <DeliveryActs
          selection={{ ids }}
          what={countedRows(ids.length, what)}
          mayReplay
          mayDismiss
        />
      )}
      {objects && (
        <div className="flex max-w-full items-center gap-1 overflow-x-auto py-0.5 max-md:order-last max-md:w-full">
          {acts.map((act) => (
            <Button key={act.name} variant="quiet" onClick={() => setOpen(act)}>
              <span className={act.isDestructive ? "text-bad" : undefined}>{act.label}…</span>
            </Button>
          ))}
          <Button variant="quiet" onClick={() => setOpen("export")}>
            Export…
          </Button>
        </div>
      )}
      <Button variant="quiet" onClick={() => clearSelection(path)}>
        Clear
      </Button>
      {open === "export" && objects && (
        <ExportSelection {...{ ids, what }} exported={objects.exported} onClose={close} />
      )}
      {open !== null && open !== "export" && (
        <BulkDialog
          {...{ act: open, ids, what }}
          roles={objects?.roles ?? []}
          onCancel={close}
          onStarted={() => clearSelection(path)}
        />
      )}
    </section>
  );
}
