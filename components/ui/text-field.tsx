import { type ComponentProps, useId } from "react";
import { classNames } from "./class-names";

type TextFieldProps = Omit<ComponentProps<"input">, "id"> & {
  label: string;
  hint?: string;
  /** A text that says what is wrong and how to correct it. The field is marked invalid while this text is set. */
  error?: string | undefined;
};

/** A labelled text field with its hint below, and its error in words below that. */
export function TextField({ label, hint, error, className, ...input }: TextFieldProps) {
  const id = useId();
  const describedBy = classNames(
    hint !== undefined && `${id}-hint`,
    error !== undefined && `${id}-error`,
  );
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-md font-strong">
        {label}
      </label>
      <input
        {...input}
        id={id}
        aria-invalid={error !== undefined}
        aria-describedby={describedBy || undefined}
        className={classNames(
          "h-11 w-full rounded-control border bg-surface px-3 text-base placeholder:text-ink-faint focus-visible:outline-offset-0",
          error === undefined ? "border-line-strong" : "border-bad",
          className,
        )}
      />
      {hint !== undefined && (
        <p id={`${id}-hint`} className="text-sm text-pretty text-ink-soft">
          {hint}
        </p>
      )}
      {error !== undefined && (
        <p id={`${id}-error`} className="text-sm text-pretty text-bad">
          {error}
        </p>
      )}
    </div>
  );
}
