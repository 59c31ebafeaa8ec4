"use client";

import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Link } from "@/components/ui/link";
import { paths } from "@/lib/paths";
import { ExportFields } from "./export-fields";
import type { ListViewProps } from "./list-names";

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
      <ExportFields
        fields={fields}
        isChosen={({ id }) => id === nameField.id || shown.includes(id)}
      />
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
