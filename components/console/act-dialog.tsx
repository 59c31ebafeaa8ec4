"use client";

import { useMutation } from "@apollo/client/react";
import dynamic from "next/dynamic";
import { useId } from "react";
import { hasErrorCode } from "@/components/has-error-code";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { TextField } from "@/components/ui/text-field";
import { graphql } from "@/lib/document";
import { type ActField, type ActPrefill, actFields, type ChosenAct } from "./act-fields";

const performMutation = graphql(`
  mutation PerformAct(
    $name: ActName!
    $objectId: ID
    $arguments: ActArguments
    $reason: String
  ) {
    performAct(name: $name, objectId: $objectId, arguments: $arguments, reason: $reason) {
      state
      isChanged
      url
      error
    }
  }
`);

const enrollmentModes = [
  { value: "manual_invitation", label: "Are invited by hand" },
  { value: "automatic_suggestion", label: "See the organization as a suggestion" },
  { value: "automatic_invitation", label: "Are invited automatically" },
];

const ErasureReach = dynamic(() => import("./erasure-reach").then((m) => m.ErasureReach));

/** The acts after which Rollcall erases data. */
const erased = new Map<ChosenAct["name"], "USER" | "ORGANIZATION">([
  ["USER_DELETE", "USER"],
  ["ORGANIZATION_DELETE", "ORGANIZATION"],
]);

/**
 * Returns the arguments of the act: all required fields, and each optional field that is not empty and that the admin has
 * changed.
 */
function argumentsOf(fields: ActField[], given: FormData, prefill: ActPrefill) {
  return Object.fromEntries(
    fields.flatMap(({ name, isOptional }) => {
      const text = String(given.get(name) ?? "").trim();
      const isKept = isOptional && (text === "" || text === (prefill[name] ?? "").trim());
      return isKept ? [] : [[name, text]];
    }),
  );
}

/** Asks the admin to confirm an act, sends the act, and shows Clerk's response. Loaded when the admin chooses an act. */
export function ActDialog(props: {
  act: ChosenAct;
  objectId: string | undefined;
  prefill: ActPrefill;
  onCancel: () => void;
  onDone: (message: string) => void;
}) {
  const { act, objectId, prefill, onCancel, onDone } = props;
  const [perform] = useMutation(performMutation);
  const fields = actFields[act.name] ?? [];
  const name = `\u2068${act.objectName}\u2069`;
  const isInstance = objectId === undefined;
  const erasedKind = erased.get(act.name);
  return (
    <ConfirmDialog
      title={isInstance ? act.label : `${act.label}: ${name}`}
      text={act.sentence}
      confirm={{ label: act.label, busyLabel: act.busyLabel }}
      isDestructive={act.isDestructive}
      {...(act.reason !== "NONE" && {
        reason: act.reason === "REQUIRED" ? ("required" as const) : ("optional" as const),
      })}
      {...(act.isIrreversible && { typeName: act.objectName })}
      onCancel={onCancel}
      onConfirm={async ({ reason, fields: given }) => {
        try {
          const { data } = await perform({
            variables: {
              ...{ name: act.name, objectId: objectId ?? null, reason: reason || null },
              arguments: argumentsOf(fields, given, prefill),
            },
          });
          const outcome = data?.performAct;
          if (!outcome || outcome.error !== null)
            return outcome?.error ?? "Rollcall did not answer.";
          if (outcome.url) window.location.assign(outcome.url);
          onDone(
            outcome.state === "SENT"
              ? `${act.label}: pending at Clerk. The page changes when Clerk’s webhook arrives.`
              : `${act.label}: done.`,
          );
          return null;
        } catch (error) {
          return hasErrorCode(error, "FORBIDDEN")
            ? "You may not do this any more. Reload the page."
            : "Rollcall did not answer, so this may have been done. Look at the page before you try again.";
        }
      }}
    >
      {erasedKind && objectId && <ErasureReach kind={erasedKind} id={objectId} />}
      {fields.map((field) => (
        <Field key={field.name} field={field} prefill={prefill} />
      ))}
    </ConfirmDialog>
  );
}

const control =
  "w-full rounded-control border border-line-strong bg-surface px-3 focus-visible:outline-offset-0";

function Field({ field, prefill }: { field: ActField; prefill: ActPrefill }) {
  const id = useId();
  const { name, label, kind, hint, isOptional } = field;
  const value = prefill[name] ?? "";
  if (kind === "text" || kind === "email") {
    return (
      <TextField
        label={isOptional ? `${label} (optional)` : label}
        name={name}
        type={kind}
        defaultValue={value}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        {...(hint && { hint })}
      />
    );
  }
  const options =
    kind === "role"
      ? (prefill.roles ?? []).map((role) => ({ value: role.key, label: role.name }))
      : enrollmentModes;
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-md font-strong">
        {label}
      </label>
      {kind === "json" ? (
        <textarea
          id={id}
          name={name}
          rows={5}
          defaultValue={value}
          spellCheck={false}
          aria-describedby={hint ? `${id}-hint` : undefined}
          className={`${control} py-2 font-mono text-xs`}
        />
      ) : (
        <select id={id} name={name} defaultValue={value} className={`${control} h-11 text-base`}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
      {hint && (
        <p id={`${id}-hint`} className="text-sm text-ink-soft">
          {hint}
        </p>
      )}
    </div>
  );
}
