"use client";

import { useMutation } from "@apollo/client/react";
import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Icon } from "@/components/ui/icon";
import { graphql } from "@/lib/document";
import type { ListViewProps } from "./list-names";

const rememberMutation = graphql(`
  mutation RememberConsoleLayout($consoleList: ConsoleList!, $parameters: String!) {
    rememberConsoleLayout(consoleList: $consoleList, parameters: $parameters)
  }
`);

type Choice = { id: string; label: string; isShown: boolean };

/**
 * A form for the layout of a list: its columns and their order, its density and its page size. The API stores the layout per
 * admin.
 */
export function ColumnsPanel(props: ListViewProps & { onDone: () => void }) {
  const { list, path, kept, columns, shown, onDone } = props;
  const router = useRouter();
  const [remember] = useMutation(rememberMutation);
  const panel = useRef<HTMLFormElement>(null);
  const [choices, setChoices] = useState<Choice[]>(() => [
    ...shown.flatMap((id) => {
      const column = columns.find((each) => each.id === id);
      return column ? [{ ...column, isShown: true }] : [];
    }),
    ...columns.filter(({ id }) => !shown.includes(id)).map((each) => ({ ...each, isShown: false })),
  ]);
  useEffect(() => panel.current?.querySelector("input")?.focus(), []);

  const move = (index: number, step: 1 | -1) =>
    setChoices((old) => {
      const next = [...old];
      const [moved] = next.splice(index, 1);
      if (moved) next.splice(index + step, 0, moved);
      return next;
    });
  const apply = (layout: Record<string, string>) => {
    const { columns: _columns, density: _density, size: _size, ...rest } = kept;
    const search = new URLSearchParams({ ...rest, ...layout }).toString();
    // If this mutation fails, the chosen layout still applies, because the URL contains it. The API just does not store it.
    const parameters = new URLSearchParams(layout).toString();
    remember({ variables: { consoleList: list, parameters } })
      .catch(() => undefined)
      .finally(() => router.push(search ? `${path}?${search}` : path));
    onDone();
  };
  const submit = (form: HTMLFormElement) => {
    const data = new FormData(form);
    const chosen = choices.filter(({ isShown }) => isShown).map(({ id }) => id);
    const usual = columns.filter(({ isOptional }) => !isOptional).map(({ id }) => id);
    apply({
      ...(chosen.join() !== usual.join() && { columns: chosen.join(",") }),
      ...(data.get("density") === "compact" && { density: "compact" }),
      ...(data.get("size") !== "50" && { size: String(data.get("size")) }),
    });
  };
  return (
    <form
      ref={panel}
      aria-label="Columns"
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        submit(event.currentTarget);
      }}
    >
      <div className="grid gap-x-8 gap-y-4 sm:grid-cols-[minmax(0,1fr)_12rem]">
        <fieldset className="min-w-0">
          <legend className="mb-1 text-xs text-ink-faint">Columns, in this order</legend>
          <ul className="gap-x-6 sm:columns-2 lg:columns-3">
            {choices.map(({ id, label, isShown }, index) => (
              <li key={id} className="flex h-8 break-inside-avoid items-center gap-2">
                <label className="flex min-w-0 flex-1 items-center gap-2">
                  <input
                    type="checkbox"
                    checked={isShown}
                    onChange={({ target }) =>
                      setChoices((old) =>
                        old.map((each) =>
                          each.id === id ? { ...each, isShown: target.checked } : each,
                        ),
                      )
                    }
                    className="size-4 accent-[var(--rc-accent)]"
                  />
                  <span className="truncate">{label}</span>
                </label>
                <Move
                  label={`Move ${label} up`}
                  isOff={index === 0}
                  onClick={() => move(index, -1)}
                  icon="arrowUp"
                />
                <Move
                  label={`Move ${label} down`}
                  isOff={index === choices.length - 1}
                  onClick={() => move(index, 1)}
                  icon="arrowDown"
                />
              </li>
            ))}
          </ul>
        </fieldset>
        <div className="flex flex-col gap-4">
          <Choices
            name="density"
            legend="Density"
            value={kept.density ?? ""}
            options={[
              { value: "", label: "Regular" },
              { value: "compact", label: "Compact" },
            ]}
          />
          <Choices
            name="size"
            legend="Rows on a page"
            value={kept.size ?? "50"}
            options={["25", "50", "100"].map((size) => ({ value: size, label: size }))}
          />
        </div>
      </div>
      <div className="flex justify-end gap-2">
        <Button variant="quiet" onClick={() => apply({})}>
          Reset
        </Button>
        <Button type="submit" variant="primary">
          Apply
        </Button>
      </div>
    </form>
  );
}

function Move(props: {
  label: string;
  isOff: boolean;
  icon: "arrowUp" | "arrowDown";
  onClick: () => void;
}) {
  return (
    <button
      type="button"
      aria-label={props.label}
      disabled={props.isOff}
      onClick={props.onClick}
      className="flex size-6 items-center justify-center rounded-control text-ink-faint hover:bg-sunken hover:text-ink disabled:opacity-40"
    >
      <Icon name={props.icon} className="size-3.5" />
    </button>
  );
}

function Choices(props: {
  name: string;
  legend: string;
  value: string;
  options: { value: string; label: string }[];
}) {
  const { name, legend, value, options } = props;
  return (
    <fieldset>
      <legend className="mb-1 text-xs text-ink-faint">{legend}</legend>
      <div className="flex gap-4">
        {options.map((option) => (
          <label key={option.value} className="flex h-8 items-center gap-1.5">
            <input
              type="radio"
              name={name}
              value={option.value}
              defaultChecked={option.value === value}
              className="accent-[var(--rc-accent)]"
            />
            {option.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
