"use client";

import { useRouter } from "next/navigation";
import { useId } from "react";
import { Button } from "@/components/ui/button";
import { Icon } from "@/components/ui/icon";

/** One control of the panel. A control of kind `days`, `times` or `count` has two fields: `NAME-from` and `NAME-to`. */
export type PanelField = {
  kind: "choice" | "text" | "days" | "times" | "count";
  name: string;
  label: string;
  options: { value: string; label: string }[];
};

type Props = {
  path: string;
  /** The parameters of the page's URL, which are the current values of the fields. */
  kept: Record<string, string>;
  fields: PanelField[];
};

const control =
  "h-8 w-full min-w-0 rounded-control border border-line-strong bg-surface px-2 text-sm text-ink placeholder:text-ink-faint";

/**
 * A form for the filters and the order of a list. It is a GET form, so it works without JavaScript. With JavaScript, empty fields
 * stay out of the URL.
 */
export function FilterPanel({ path, kept, fields }: Props) {
  const router = useRouter();
  const apply = (form: HTMLFormElement) => {
    const given = [...new FormData(form)].flatMap(([name, value]) =>
      typeof value === "string" && value.trim() ? [[name, value.trim()]] : [],
    );
    const parameters = new URLSearchParams(given).toString();
    router.push(parameters ? `${path}?${parameters}` : path);
  };
  return (
    // A changed URL changes the key, so React mounts the panel again, closed and with the new values. The class `contents` makes
    // the open form a flex item of the toolbar, so that the form wraps to its own line below the chips.
    <details
      key={JSON.stringify(kept)}
      className="group contents open:[&::details-content]:contents not-open:[&::details-content]:hidden"
    >
      <summary className="inline-flex h-8 cursor-pointer list-none items-center gap-1.5 rounded-control border border-line-strong bg-surface px-3 text-sm font-strong text-ink select-none group-open:bg-sunken hover:bg-sunken [&::-webkit-details-marker]:hidden">
        <Icon name="filter" className="-ml-0.5 size-4" />
        Filter and sort
      </summary>
      <form
        action={path}
        aria-label="Filter and sort"
        onSubmit={(event) => {
          event.preventDefault();
          apply(event.currentTarget);
        }}
        className="order-last flex w-full basis-full flex-col gap-4 rounded-card border border-line bg-surface p-4"
      >
        {kept.q && <input type="hidden" name="q" value={kept.q} />}
        <div className="grid gap-x-6 gap-y-3 sm:grid-cols-2 lg:grid-cols-3">
          {fields.map((field) => (
            <Field key={field.name} field={field} kept={kept} />
          ))}
        </div>
        <div className="flex justify-end">
          <Button type="submit" variant="primary">
            Show results
          </Button>
        </div>
      </form>
    </details>
  );
}

const inputTypes = { days: "date", times: "datetime-local", count: "number" };

function Field({ field, kept }: { field: PanelField; kept: Record<string, string> }) {
  const id = useId();
  const { kind, name, label, options } = field;
  if (kind !== "choice" && kind !== "text") {
    const end = (suffix: "from" | "to", word: string) => (
      <input
        type={inputTypes[kind]}
        step={kind === "times" ? 1 : undefined}
        min={kind === "count" ? 0 : undefined}
        name={`${name}-${suffix}`}
        defaultValue={kept[`${name}-${suffix}`]}
        placeholder={kind === "count" ? word : undefined}
        aria-label={`${label}, ${word}`}
        className={control}
      />
    );
    return (
      <fieldset className="flex min-w-0 flex-col gap-1">
        <legend className="mb-1 text-xs text-ink-faint">{label}</legend>
        <span className="flex items-center gap-2">
          {end("from", kind === "count" ? "at least" : "from")}
          <span aria-hidden="true" className="text-ink-faint">
            –
          </span>
          {end("to", kind === "count" ? "at most" : "to")}
        </span>
      </fieldset>
    );
  }
  return (
    <span className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="text-xs text-ink-faint">
        {label}
      </label>
      {kind === "text" ? (
        <input
          id={id}
          name={name}
          defaultValue={kept[name]}
          maxLength={200}
          autoComplete="off"
          spellCheck={false}
          className={control}
        />
      ) : (
        <select id={id} name={name} defaultValue={kept[name] ?? ""} className={control}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </span>
  );
}
