"use client";

import { type ReactNode, useEffect, useRef } from "react";
import { Button } from "@/components/ui/button";
import type { FlowError } from "./flow-error";

/**
 * The form of one step: heading, fields, the errors that belong to no field, and the button. After an error, the focus moves to
 * the errors that belong to no field, or else to the first invalid field. `isEntered`: the person came from another step, so the
 * focus moves to the form's first field, or else to its heading.
 */
export function FlowForm(props: {
  title: string;
  text: ReactNode;
  button: string;
  isSending: boolean;
  errors: readonly FlowError[];
  isEntered: boolean;
  onSubmit: (fields: FormData) => void;
  children?: ReactNode;
}) {
  const { errors, isEntered, isSending } = props;
  const form = useRef<HTMLFormElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const entered = useRef(isEntered);
  useEffect(() => {
    if (!entered.current) return;
    const field = form.current?.querySelector<HTMLElement>("input:not([type=hidden], [readonly])");
    (field ?? heading.current)?.focus();
  }, []);
  useEffect(() => {
    if (errors.length === 0) return;
    const wrong = form.current?.querySelector<HTMLElement>("[aria-invalid=true], [role=alert]");
    wrong?.focus();
    if (wrong instanceof HTMLInputElement) wrong.select();
  }, [errors]);
  const general = errors.filter(({ field }) => field === null);
  return (
    <form
      ref={form}
      noValidate
      aria-busy={isSending}
      onSubmit={(event) => {
        event.preventDefault();
        props.onSubmit(new FormData(event.currentTarget));
      }}
      className="flex flex-col gap-5"
    >
      <div className="flex flex-col gap-2">
        <h1 ref={heading} tabIndex={-1} className="text-lg outline-none">
          {props.title}
        </h1>
        <div className="text-pretty wrap-anywhere text-ink-soft">{props.text}</div>
      </div>
      {general.length > 0 && (
        <div
          role="alert"
          tabIndex={-1}
          className="rounded-control bg-bad-quiet px-3 py-2.5 text-md text-pretty text-bad"
        >
          {general.map(({ code, text }) => (
            <p key={code}>{text}</p>
          ))}
        </div>
      )}
      {props.children}
      <Button type="submit" variant="primary" size="large" disabled={isSending}>
        {props.button}
      </Button>
    </form>
  );
}
