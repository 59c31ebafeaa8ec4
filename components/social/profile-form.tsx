"use client";

import { useMutation } from "@apollo/client/react";
import { useRouter } from "next/navigation";
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { graphql } from "@/lib/document";

const saveMutation = graphql(`
  mutation SaveProfile($handle: String!, $bio: String, $isPrivate: Boolean!) {
    saveProfile(handle: $handle, bio: $bio, isPrivate: $isPrivate) {
      field
      message
    }
  }
`);

type Errors = { handle?: string; bio?: string };

const input =
  "w-full rounded-control border border-line-strong bg-surface px-3 text-ink aria-invalid:border-bad";

/**
 * The profile's form. If the server refuses the input, the typed text stays in the fields, and the first wrong field gets the
 * focus.
 */
export function ProfileForm(props: {
  handle: string;
  bio: string;
  isPrivate: boolean;
  /** The reason why the handle cannot be changed now; null when it can be changed. */
  handleNote: string | null;
}) {
  const router = useRouter();
  const [save, { loading }] = useMutation(saveMutation);
  const [errors, setErrors] = useState<Errors>({});
  const [outcome, setOutcome] = useState<"saved" | "failed" | null>(null);
  const handleField = useRef<HTMLInputElement>(null);
  const bioField = useRef<HTMLTextAreaElement>(null);

  useEffect(() => {
    if (errors.handle) handleField.current?.focus();
    else if (errors.bio) bioField.current?.focus();
  }, [errors]);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (loading) return;
    const form = new FormData(event.currentTarget);
    const variables = {
      handle: String(form.get("handle") ?? ""),
      bio: String(form.get("bio") ?? ""),
      isPrivate: form.get("audience") === "followers",
    };
    setOutcome(null);
    try {
      const found = (await save({ variables })).data?.saveProfile ?? [];
      const messageOf = (field: string) => found.find((each) => each.field === field)?.message;
      setErrors({ handle: messageOf("HANDLE"), bio: messageOf("BIO") });
      if (found.length > 0) return;
      setOutcome("saved");
      router.refresh();
    } catch {
      setErrors({});
      setOutcome("failed");
    }
  };

  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-8">
      <Field
        id="handle"
        label="Handle"
        help={
          props.handleNote ??
          "The address of your page. 3 to 30 letters, digits or underscores. You can change it twice in 30 days."
        }
        error={errors.handle}
      >
        <div className="flex items-center gap-2">
          <span aria-hidden="true" className="text-ink-soft">
            @
          </span>
          <input
            ref={handleField}
            id="handle"
            name="handle"
            defaultValue={props.handle}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            aria-invalid={errors.handle !== undefined}
            aria-describedby="handle-help handle-error"
            className={`${input} h-11`}
          />
        </div>
      </Field>
      <Field
        id="bio"
        label="About you"
        help="Up to 300 characters. Everyone can read it."
        error={errors.bio}
      >
        <textarea
          ref={bioField}
          id="bio"
          name="bio"
          rows={4}
          defaultValue={props.bio}
          aria-invalid={errors.bio !== undefined}
          aria-describedby="bio-help bio-error"
          className={`${input} py-2.5`}
        />
      </Field>
      <fieldset className="flex flex-col gap-3">
        <legend className="mb-3 font-strong">Who can see your wishlist</legend>
        <Choice value="everyone" isDefault={!props.isPrivate} label="Everyone">
          Your wishlist, your followers and whom you follow are public.
        </Choice>
        <Choice value="followers" isDefault={props.isPrivate} label="Followers you accept">
          Others see your name, your picture and how many people you follow.
        </Choice>
      </fieldset>
      <div className="flex flex-wrap items-center gap-4">
        <Button type="submit" variant="primary" size="large" disabled={loading}>
          {loading ? "Saving" : "Save profile"}
        </Button>
        <p role="status" className={outcome === "failed" ? "text-bad" : "text-good"}>
          {outcome === "saved" && "Saved."}
          {outcome === "failed" && "Rollcall did not answer, so this may not be saved. Try again."}
        </p>
      </div>
    </form>
  );
}

function Field(props: {
  id: string;
  label: string;
  help: string;
  error: string | undefined;
  children: ReactNode;
}) {
  const { id, label, help, error, children } = props;
  return (
    <div className="flex flex-col gap-2">
      <label htmlFor={id} className="font-strong">
        {label}
      </label>
      {children}
      <p id={`${id}-error`} role="alert" className="text-md text-bad empty:hidden">
        {error}
      </p>
      <p id={`${id}-help`} className="text-md text-pretty text-ink-soft">
        {help}
      </p>
    </div>
  );
}

function Choice(props: { value: string; isDefault: boolean; label: string; children: ReactNode }) {
  const { value, isDefault, label, children } = props;
  return (
    <label className="flex items-start gap-3 rounded-card border border-line bg-surface p-4 has-checked:border-accent">
      <input
        type="radio"
        name="audience"
        value={value}
        defaultChecked={isDefault}
        className="mt-1 size-4 accent-(--rc-accent)"
      />
      <span className="min-w-0">
        <span className="block font-strong">{label}</span>
        <span className="block text-md text-ink-soft">{children}</span>
      </span>
    </label>
  );
}
