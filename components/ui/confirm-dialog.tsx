"use client";

import { type FormEvent, type ReactNode, useId, useRef, useState } from "react";
import { Button } from "./button";
import { Sheet } from "./sheet";
import { TextField } from "./text-field";
import { isSameName } from "./typed-name";

type ConfirmDialogProps = {
  /** The question, with the name of the object: "Ban Ada Lovelace?" */
  title: string;
  /** What will happen, in whole sentences: who loses access to what, and how to undo it. */
  text: string;
  /** A list of further facts to know before confirming, such as what will be deleted. */
  consequences?: string[];
  /** The verb on the button, and the verb while it runs: "Ban" and "Banning". */
  confirm: { label: string; busyLabel: string; isDisabled?: boolean };
  /** True for an action that deletes data or removes access. The button is then red. */
  isDestructive?: boolean;
  /** Asks for a reason, which is kept in the audit log. If undefined, the dialog asks for no reason. */
  reason?: "required" | "optional";
  /** For an action that cannot be undone: the name that the user must type. */
  typeName?: string;
  /** Further fields of the form, below the consequences and above the reason. */
  children?: ReactNode;
  onCancel: () => void;
  /**
   * Performs the confirmed action. `fields` are the values of the whole form, including `children`. Resolves to null on success,
   * or else to the error's text; the dialog then stays open with everything that was typed.
   */
  onConfirm: (answer: { reason: string; fields: FormData }) => Promise<string | null>;
};

const MAX_REASON = 500;

/**
 * A dialog that describes an action and asks for confirmation. With `reason` or `typeName`, it also asks for a reason or a typed
 * name. Import the dialog lazily, when it first opens.
 */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { title, text, consequences = [], confirm, reason, typeName, children } = props;
  const form = useRef<HTMLFormElement>(null);
  const reasonField = useId();
  const [isBusy, setIsBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const [wrong, setWrong] = useState<"reason" | "name" | null>(null);

  const refuse = (field: "reason" | "name") => {
    setWrong(field);
    form.current?.querySelector<HTMLElement>(`[name=confirm-${field}]`)?.focus();
  };

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (isBusy || confirm.isDisabled) return;
    const fields = new FormData(event.currentTarget);
    const given = (name: string) => String(fields.get(`confirm-${name}`) ?? "").trim();
    setFailure(null);
    setWrong(null);
    if (reason === "required" && given("reason") === "") return refuse("reason");
    if (typeName !== undefined && !isSameName(given("name"), typeName)) return refuse("name");
    setIsBusy(true);
    try {
      setFailure(await props.onConfirm({ reason: given("reason"), fields }));
    } finally {
      setIsBusy(false);
    }
  };

  return (
    <Sheet title={title} text={text} onCancel={props.onCancel}>
      <form ref={form} noValidate onSubmit={submit} className="flex flex-col gap-4">
        {consequences.length > 0 && (
          <ul className="flex list-disc flex-col gap-1 pl-5 text-ink-soft">
            {consequences.map((consequence) => (
              <li key={consequence}>{consequence}</li>
            ))}
          </ul>
        )}
        {children}
        {reason && (
          <div className="flex flex-col gap-1.5">
            <label htmlFor={reasonField} className="text-md font-strong">
              Reason{" "}
              {reason === "optional" && (
                <span className="font-normal text-ink-faint">(optional)</span>
              )}
            </label>
            <textarea
              id={reasonField}
              name="confirm-reason"
              rows={2}
              maxLength={MAX_REASON}
              aria-invalid={wrong === "reason"}
              aria-describedby={`${reasonField}-hint`}
              className="w-full rounded-control border border-line-strong bg-surface px-3 py-2 text-base focus-visible:outline-offset-0 aria-invalid:border-bad"
            />
            <p
              id={`${reasonField}-hint`}
              className={wrong === "reason" ? "text-sm text-bad" : "text-sm text-ink-soft"}
            >
              {wrong === "reason"
                ? "Give a reason. Other admins read it in the audit log."
                : "Kept in the audit log."}
            </p>
          </div>
        )}
        {typeName !== undefined && (
          <TextField
            label={`Type “\u2068${typeName}\u2069” to confirm`}
            name="confirm-name"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            error={wrong === "name" ? "This is not the name. Type it as shown above." : undefined}
          />
        )}
        <p role="alert" className="text-md text-pretty text-bad empty:hidden">
          {failure}
        </p>
        <div className="flex flex-wrap justify-end gap-3">
          <Button onClick={props.onCancel}>Cancel</Button>
          <Button
            type="submit"
            variant="primary"
            disabled={isBusy || confirm.isDisabled}
            className={props.isDestructive ? "bg-bad! text-surface! hover:opacity-90" : undefined}
          >
            {isBusy ? confirm.busyLabel : confirm.label}
          </Button>
        </div>
      </form>
    </Sheet>
  );
}
