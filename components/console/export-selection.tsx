"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Sheet } from "@/components/ui/sheet";
import { formatCount } from "@/lib/format";
import { paths } from "@/lib/paths";
import { type ClerkObjects, countedRows } from "./bulkable-acts";
import { ExportFields } from "./export-fields";

/** As many ids as the API takes in a filter. */
const MAX_ROWS = 1_000;

/** Downloads the selected rows. A form, because their ids do not fit into a URL. */
export function ExportSelection(props: {
  exported: ClerkObjects["exported"];
  ids: string[];
  what: string;
  onClose: () => void;
}) {
  const { exported, ids, what, onClose } = props;
  const [notice, setNotice] = useState<string | null>(null);
  const [fields, setFields] = useState<string | null>(null);
  const isTooMany = ids.length > MAX_ROWS;
  return (
    <Sheet
      title={`Export ${countedRows(ids.length, what)}`}
      text={
        isTooMany
          ? `An export of a selection has at most ${formatCount(MAX_ROWS)} rows. Select fewer, or export the filtered list.`
          : "The download has the rows that still exist, in the list’s default order. It is recorded in the audit log."
      }
      onCancel={onClose}
    >
      <form
        method="post"
        action={paths.consoleExport}
        onChange={(event) =>
          setFields(new FormData(event.currentTarget).getAll("field").map(String).join(","))
        }
        onSubmit={(event) => {
          if (fields === "") {
            event.preventDefault();
            setNotice("Choose at least one field.");
          } else setNotice("The download has started. Its end is recorded in the audit log.");
        }}
        className="flex flex-col gap-4"
      >
        <input type="hidden" name="list" value={exported.list} />
        <input
          type="hidden"
          name="fields"
          value={
            fields ??
            exported.fields
              .filter(isShown)
              .map(({ id }) => id)
              .join(",")
          }
        />
        <input
          type="hidden"
          name="variables"
          value={JSON.stringify({ ...exported.arguments, filter: { ids } })}
        />
        <ExportFields fields={exported.fields} isChosen={isShown} />
        <p role="status" className="text-ink-soft empty:hidden">
          {notice}
        </p>
        <div className="flex justify-end gap-3">
          <Button onClick={onClose}>{notice ? "Close" : "Cancel"}</Button>
          <Button type="submit" variant="primary" disabled={isTooMany}>
            Export
          </Button>
        </div>
      </form>
    </Sheet>
  );
}

const isShown = ({ isOptional }: { isOptional: boolean }) => !isOptional;
