import { useId } from "react";
import { TextField } from "@/components/ui/text-field";
import type { ActField, ActPrefill } from "./act-fields";
import { deletionReasons as reasonWords } from "./archive-words";

const enrollmentModes = [
  { value: "manual_invitation", label: "Are invited by hand" },
  { value: "automatic_suggestion", label: "See the organization as a suggestion" },
  { value: "automatic_invitation", label: "Are invited automatically" },
];

const deletionReasons = ["admin_action", "policy_violation"].map((value) => ({
  value,
  label: reasonWords[value] ?? value,
}));

/** Returns the arguments of the act: all required fields, and the optional fields that the admin has changed. */
export function argumentsOf(fields: ActField[], given: FormData, prefill: ActPrefill) {
  return Object.fromEntries(
    fields.flatMap(({ name, isOptional }) => {
      const text = String(given.get(name) ?? "").trim();
      const isKept = isOptional && (text === "" || text === (prefill[name] ?? "").trim());
      return isKept ? [] : [[name, text]];
    }),
  );
}

const control =
  "w-full rounded-control border border-line-strong bg-surface px-3 focus-visible:outline-offset-0";

/** One field of the form of an act. */
export function ActFormField({ field, prefill }: { field: ActField; prefill: ActPrefill }) {
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
      : kind === "deletion"
        ? deletionReasons
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
        <select
          id={id}
          name={name}
          defaultValue={value}
          aria-describedby={hint ? `${id}-hint` : undefined}
          className={`${control} h-11 text-base`}
        >
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
