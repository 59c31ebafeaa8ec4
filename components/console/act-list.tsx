"use client";

import { useQuery } from "@apollo/client/react";
import { Button } from "@/components/ui/button";
import { classNames } from "@/components/ui/class-names";
import { type ActKind, type ChosenAct, possibleActsQuery } from "./act-fields";

/** The acts on one object. An act that would change nothing shows the reason. Loaded by `ActMenu`. */
export function ActList(props: {
  kind: ActKind;
  id: string | undefined;
  onChoose: (act: ChosenAct) => void;
}) {
  const { kind, id, onChoose } = props;
  const { data, error, refetch } = useQuery(possibleActsQuery, {
    variables: { kind, id: id ?? null },
    fetchPolicy: "network-only",
  });
  if (error) {
    return (
      <div className="flex flex-col items-start gap-2 px-3 py-2 text-ink-soft">
        <p>The actions didn’t load.</p>
        <Button onClick={() => void refetch()}>Try again</Button>
      </div>
    );
  }
  const acts = data?.possibleActs;
  if (!acts) return <p className="px-3 py-2 text-ink-faint">Loading actions</p>;
  if (acts.length === 0)
    return <p className="px-3 py-2 text-ink-soft">There is nothing that you can do here.</p>;
  return (
    <ul>
      {acts.map((act) => (
        <li key={act.name}>
          <button
            type="button"
            disabled={act.skipped !== null}
            onClick={() => onChoose(act)}
            className={classNames(
              "flex min-h-8 w-full items-center justify-between gap-3 px-3 py-1 text-left hover:bg-sunken focus-visible:-outline-offset-2 disabled:cursor-not-allowed disabled:hover:bg-transparent",
              act.isDestructive && act.skipped === null && "text-bad",
              act.skipped !== null && "text-ink-faint",
            )}
          >
            {act.label}
            {act.skipped !== null && <span className="text-xs">{act.skipped}</span>}
          </button>
        </li>
      ))}
    </ul>
  );
}
