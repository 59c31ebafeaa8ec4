"use client";

import { useMutation } from "@apollo/client/react";
import dynamic from "next/dynamic";
import { hasErrorCode, unconfirmedMessage } from "@/components/has-error-code";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { graphql } from "@/lib/document";
import { type ActPrefill, actFields, type ChosenAct, erasedKinds } from "./act-fields";
import { ActFormField, argumentsOf } from "./act-form-fields";

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

const ErasureReach = dynamic(() => import("./erasure-reach").then((m) => m.ErasureReach));

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
  const erasedKind = erasedKinds.get(act.name);
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
          const unconfirmed = unconfirmedMessage(error);
          if (unconfirmed) return unconfirmed;
          return hasErrorCode(error, "FORBIDDEN")
            ? "You may not do this any more. Reload the page."
            : "Rollcall did not answer, so this may have been done. Look at the page before you try again.";
        }
      }}
    >
      {erasedKind && objectId && <ErasureReach kind={erasedKind} ids={[objectId]} />}
      {fields.map((field) => (
        <ActFormField key={field.name} field={field} prefill={prefill} />
      ))}
    </ConfirmDialog>
  );
}
