"use client";

import dynamic from "next/dynamic";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Icon, type IconName } from "@/components/ui/icon";
import type { ListViewProps } from "./list-names";

type Panel = "columns" | "views" | "export" | "keys";

const ColumnsPanel = dynamic(() => import("./columns-panel").then((file) => file.ColumnsPanel));
const ExportPanel = dynamic(() => import("./export-panel").then((file) => file.ExportPanel));
const ShortcutsPanel = dynamic(() =>
  import("./shortcuts-panel").then((file) => file.ShortcutsPanel),
);
const ViewsPanel = dynamic(() => import("./views-panel").then((file) => file.ViewsPanel));

/**
 * The buttons that open a list's panels: columns, saved views, export and keyboard shortcuts. Each panel is loaded when it is
 * first opened.
 */
export function ListPanels(props: ListViewProps) {
  const [open, setOpen] = useState<Panel | null>(null);
  const { exported } = props;
  const close = () => setOpen(null);
  const toggle = (panel: Panel, label: string, icon: IconName, key?: string) => (
    <Button
      data-shortcut={key}
      aria-keyshortcuts={key}
      aria-expanded={open === panel}
      onClick={() => setOpen(open === panel ? null : panel)}
      className="aria-expanded:bg-sunken"
    >
      <Icon name={icon} className="-ml-0.5 size-4" />
      {label}
    </Button>
  );
  return (
    <>
      {toggle("columns", "Columns", "columns")}
      {toggle("views", "Views", "bookmark")}
      {exported && toggle("export", "Export", "download", "e")}
      <button
        type="button"
        data-shortcut="?"
        aria-keyshortcuts="?"
        aria-expanded={open === "keys"}
        onClick={() => setOpen(open === "keys" ? null : "keys")}
        className="inline-flex size-8 items-center justify-center rounded-control font-mono text-xs text-ink-faint hover:bg-sunken hover:text-ink max-md:hidden"
      >
        <span aria-hidden="true">?</span>
        <span className="sr-only">Keys of the list</span>
      </button>
      {open && (
        <div className="order-last w-full basis-full rounded-card border border-line bg-surface p-4">
          {open === "columns" && <ColumnsPanel {...props} onDone={close} />}
          {open === "keys" && <ShortcutsPanel />}
          {open === "views" && <ViewsPanel {...props} onDone={close} />}
          {open === "export" && exported && (
            <ExportPanel {...props} exported={exported} onDone={close} />
          )}
        </div>
      )}
    </>
  );
}
