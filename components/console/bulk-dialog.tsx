"use client";

import { useApolloClient, useMutation } from "@apollo/client/react";
import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { hasErrorCode, unconfirmedMessage } from "@/components/has-error-code";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Skeleton } from "@/components/ui/skeleton";
import { graphql, type ResultOf, type VariablesOf } from "@/lib/document";
import { formatCount } from "@/lib/format";
import { paths } from "@/lib/paths";
import { type ActPrefill, actFields, erasedKinds } from "./act-fields";
import { ActFormField, argumentsOf } from "./act-form-fields";
import { type BulkableAct, countedRows } from "./bulkable-acts";
import { ErasureReach } from "./erasure-reach";

const planQuery = graphql(`
  query BulkPlan($name: ActName!, $objectIds: [ID!]!, $arguments: ActArguments) {
    bulkPlan(name: $name, objectIds: $objectIds, arguments: $arguments) {
      runCount
      error
      items {
        objectId
        objectName
        skipped
      }
    }
  }
`);

const startMutation = graphql(`
  mutation StartBulkAct(
    $name: ActName!
    $objectIds: [ID!]!
    $arguments: ActArguments
    $reason: String
  ) {
    startBulkAct(name: $name, objectIds: $objectIds, arguments: $arguments, reason: $reason) {
      bulkId
      error
    }
  }
`);

type Plan = ResultOf<typeof planQuery>["bulkPlan"];
type Arguments = VariablesOf<typeof planQuery>["arguments"];

const NO_ANSWER = "Rollcall did not answer. Nothing was started. Try again.";
const NOT_ADMIN = "You may not do this any more. Reload the page.";

type BulkDialogProps = {
  act: BulkableAct;
  ids: string[];
  /** The plural of what is selected, like "people". */
  what: string;
  roles: { key: string; name: string }[];
  onCancel: () => void;
  onStarted: () => void;
};

/**
 * An act on the selected rows: first the arguments of the dry run, if it has any, then the dry run with the question. Once it has started, the
 * page of the bulk act has its progress.
 */
export function BulkDialog(props: BulkDialogProps) {
  const { act, ids, what, roles, onCancel } = props;
  const client = useApolloClient();
  const fields = (actFields[act.name] ?? []).filter((field) => !field.isOnlyRecorded);
  const [given, setGiven] = useState<Arguments>(fields.length > 0 ? undefined : {});
  const [plan, setPlan] = useState<Plan | null>(null);
  const [failure, setFailure] = useState<string | null>(null);

  /** Resolves to null, or to why there is no plan. */
  const findPlan = async (args: Arguments): Promise<string | null> => {
    try {
      const { data } = await client.query({
        query: planQuery,
        variables: { name: act.name, objectIds: ids, arguments: args },
        fetchPolicy: "no-cache",
      });
      const found = data?.bulkPlan;
      if (!found || found.error !== null) return found?.error ?? NO_ANSWER;
      setGiven(args);
      setPlan(found);
      return null;
    } catch (error) {
      return hasErrorCode(error, "FORBIDDEN") ? NOT_ADMIN : NO_ANSWER;
    }
  };

  // Once: a development build runs effects twice, and the selection does not change under an open dialog.
  const isAsked = useRef(false);
  useEffect(() => {
    if (isAsked.current || fields.length > 0) return;
    isAsked.current = true;
    void findPlan({}).then(setFailure);
  });

  if (!plan && fields.length > 0) {
    const prefill: ActPrefill = { roles, role: roles[0]?.key ?? "" };
    return (
      <ConfirmDialog
        key="arguments"
        title={`${act.label}: ${countedRows(ids.length, what)}`}
        text={act.sentence}
        confirm={{ label: "Preview", busyLabel: "Loading" }}
        onCancel={onCancel}
        onConfirm={({ fields: data }) => findPlan(argumentsOf(fields, data, {}))}
      >
        {fields.map((field) => (
          <ActFormField key={field.name} field={field} prefill={prefill} />
        ))}
      </ConfirmDialog>
    );
  }
  return <PlanDialog {...props} given={given} plan={plan} failure={failure} />;
}

function PlanDialog(
  props: BulkDialogProps & { given: Arguments; plan: Plan | null; failure: string | null },
) {
  const { act, ids, what, given, plan, failure, onCancel, onStarted } = props;
  const router = useRouter();
  const [start] = useMutation(startMutation);
  const count = plan?.runCount ?? 0;
  const erasedKind = erasedKinds.get(act.name);
  const recorded = (actFields[act.name] ?? []).filter((field) => field.isOnlyRecorded);
  const runIds = (plan?.items ?? []).flatMap(({ objectId, skipped }) =>
    skipped === null ? [objectId] : [],
  );
  return (
    <ConfirmDialog
      title={`${act.label}: ${countedRows(ids.length, what)}`}
      text={act.sentence}
      confirm={{
        label: count > 0 ? `${act.label}: ${formatCount(count)}` : act.label,
        busyLabel: "Starting",
        isDisabled: count === 0,
      }}
      isDestructive={act.isDestructive}
      {...(act.reason !== "NONE" && {
        reason: act.reason === "REQUIRED" ? ("required" as const) : ("optional" as const),
      })}
      {...(act.isIrreversible && count > 0 && { typeName: String(count) })}
      onCancel={onCancel}
      onConfirm={async ({ reason, fields }) => {
        try {
          const { data } = await start({
            variables: {
              ...{ name: act.name, objectIds: ids, reason: reason || null },
              arguments: { ...given, ...argumentsOf(recorded, fields, {}) },
            },
          });
          const started = data?.startBulkAct;
          if (!started?.bulkId) return started?.error ?? NO_ANSWER;
          router.push(paths.bulkAct(started.bulkId));
          onStarted();
          return null;
        } catch (error) {
          const unconfirmed = unconfirmedMessage(error);
          if (unconfirmed) return unconfirmed;
          return hasErrorCode(error, "FORBIDDEN")
            ? NOT_ADMIN
            : "Rollcall did not answer, so it may have started. Look at the bulk acts before you try again.";
        }
      }}
    >
      {plan ? (
        <>
          <PlanList plan={plan} />
          {count > 0 &&
            recorded.map((field) => <ActFormField key={field.name} field={field} prefill={{}} />)}
          {erasedKind && count > 0 && <ErasureReach kind={erasedKind} ids={runIds} />}
        </>
      ) : failure ? (
        <p role="alert" className="text-bad">
          {failure}
        </p>
      ) : (
        <Skeleton className="h-24" />
      )}
    </ConfirmDialog>
  );
}

/** How many objects the dialog lists. The page of the bulk act lists all. */
const LISTED = 200;

/** Shows the dry run: how many objects would change, and which are skipped, with the reason. Lists the skipped ones first. */
function PlanList({ plan: { items, runCount } }: { plan: Plan }) {
  const skipped = items.filter((item) => item.skipped !== null);
  const run = items.filter((item) => item.skipped === null);
  const shown = [...skipped, ...run].slice(0, LISTED);
  return (
    <div className="flex flex-col gap-2 text-sm">
      <p role="status" className="text-ink-soft">
        {runCount === 0
          ? "There is nothing to do: all are skipped."
          : `It would run for ${formatCount(runCount)} of ${formatCount(items.length)}.`}
        {runCount > 0 &&
          skipped.length > 0 &&
          ` ${formatCount(skipped.length)} ${skipped.length === 1 ? "is" : "are"} skipped.`}
      </p>
      <ul
        aria-label="Preview"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className="max-h-40 overflow-auto rounded-control border border-line"
      >
        {shown.map((item) => (
          <li
            key={item.objectId}
            className="flex justify-between gap-3 border-b border-line px-3 py-1.5 text-xs last:border-b-0"
          >
            <span dir="auto" className="truncate">
              {item.objectName}
            </span>
            <span className={item.skipped === null ? "shrink-0" : "text-right text-ink-faint"}>
              {item.skipped === null ? "Runs" : `Skipped: ${item.skipped}`}
            </span>
          </li>
        ))}
      </ul>
      {items.length > shown.length && (
        <p className="text-xs text-ink-faint">
          The first {formatCount(shown.length)} are listed. The page of the bulk act lists all.
        </p>
      )}
    </div>
  );
}
