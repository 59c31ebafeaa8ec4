"use client";

import { useQuery } from "@apollo/client/react";
import { Button } from "@/components/ui/button";
import { Sheet } from "@/components/ui/sheet";
import { ActDialog } from "./act-dialog";
import { type ActKind, type ActPrefill, type ChosenAct, possibleActsQuery } from "./act-fields";

/** The dialog of one act. Reads first what the act would do, so that its words match the object's state of now. */
export function NamedActDialog(props: {
  name: ChosenAct["name"];
  kind: ActKind;
  id: string | undefined;
  prefill: ActPrefill;
  onCancel: () => void;
  onDone: (message: string) => void;
}) {
  const { name, kind, id, prefill, onCancel, onDone } = props;
  const { data, loading } = useQuery(possibleActsQuery, {
    variables: { kind, id: id ?? null },
    fetchPolicy: "network-only",
  });
  const act = data?.possibleActs.find((each) => each.name === name);
  if (act && act.skipped === null)
    return <ActDialog {...{ act, prefill, onCancel, onDone }} objectId={id} />;
  if (loading) return null;
  const text = act
    ? `There is nothing to do: ${act.skipped}.`
    : "Rollcall did not answer, or this is gone. Reload the page and try again.";
  return (
    <Sheet title="Not possible now" text={text} onCancel={onCancel}>
      <div className="flex justify-end">
        <Button onClick={onCancel}>Close</Button>
      </div>
    </Sheet>
  );
}
