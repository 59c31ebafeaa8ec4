"use client";

import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Link } from "@/components/ui/link";
import { paths } from "@/lib/paths";
import type { ListViewProps } from "./list-names";

const formats = [
  { value: "csv", label: "CSV" },
  { value: "json", label: "JSON" },
  { value: "ndjson", label: "NDJSON" },
];

type ExportProps = ListViewProps & { exported: NonNullable<ListViewProps["exported"]> };

/** A form that downloads the list with its current filters and order, and with the chosen fields. */
export function ExportPanel({ exported, columns, shown }: ExportProps & { onDone: () => void }) {
  const { list, nameField, variables } = exported;
  const [notice, setNotice] = useState<string | null>(null);
  const fields = [nameField, ...columns];
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const chosen = data.getAll("field").map(String);
    if (chosen.length === 0) return setNotice("Choose at least one field.");
    const search = new URLSearchParams({
      ...{ list, format: String(data.get("format")), fields: chosen.join(",") },
      variables: JSON.stringify(variables),
    });
    setNotice("The download has started. Its end is recorded in the audit log.");
    window.location.assign(`${paths.consoleExport}?${search}`);
  };
  return (
    <form aria-label="Export" onSubmit={submit} className="flex flex-col gap-4">
      <div className="grid gap-x-8 gap-y-4 sm:grid-cols-[minmax(0,1fr)_12rem]">
        <fieldset className="min-w-0">
          <legend className="mb-1 text-xs text-ink-faint">Fields</legend>
          <div className="gap-x-6 sm:columns-2 lg:columns-3">
            {fields.map(({ id, label }) => (
              <label key={id} className="flex h-8 break-inside-avoid items-center gap-2">
                <input
                  type="checkbox"
                  name="field"
                  value={id}
                  defaultChecked={id === nameField.id || shown.includes(id)}
                  className="size-4 accent-[var(--rc-accent)]"
                />
                <span className="truncate">{label}</span>
              </label>
            ))}
          </div>
        </fieldset>
        <fieldset>
          <legend className="mb-1 text-xs text-ink-faint">Format</legend>
          {formats.map(({ value, label }) => (
            <label key={value} className="flex h-8 items-center gap-2">
              <input
                type="radio"
                name="format"
                value={value}
                defaultChecked={value === "csv"}
                className="accent-[var(--rc-accent)]"
              />
              {label}
            </label>
          ))}
        </fieldset>
      </div>
      <div className="flex flex-wrap items-center justify-end gap-3">
        <p role="status" className="mr-auto text-ink-soft">
          {notice}
        </p>
        <Link
          href={`${paths.audit}?action=${encodeURIComponent("export.*")}`}
          className="rounded-control text-accent hover:underline"
        >
          Earlier exports
        </Link>
        <Button type="submit" variant="primary">
          Export
        </Button>
      </div>
    </form>
  );
}
