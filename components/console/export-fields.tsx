const formats = [
  { value: "csv", label: "CSV" },
  { value: "json", label: "JSON" },
  { value: "ndjson", label: "NDJSON" },
];

type Field = { id: string; label: string; isOptional?: boolean };

/** The fields and the format of an export, as inputs of its form. */
export function ExportFields<One extends Field>(props: {
  fields: One[];
  isChosen: (field: One) => boolean;
}) {
  return (
    <div className="grid gap-x-8 gap-y-4 sm:grid-cols-[minmax(0,1fr)_8rem]">
      <fieldset className="min-w-0">
        <legend className="mb-1 text-xs text-ink-faint">Fields</legend>
        <div className="gap-x-6 sm:columns-2 lg:columns-3">
          {props.fields.map((field) => (
            <label key={field.id} className="flex h-8 break-inside-avoid items-center gap-2">
              <input
                type="checkbox"
                name="field"
                value={field.id}
                defaultChecked={props.isChosen(field)}
                className="size-4 accent-[var(--rc-accent)]"
              />
              <span className="truncate">{field.label}</span>
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
  );
}
