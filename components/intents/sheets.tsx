"use client";

import { Button } from "@/components/ui/button";
import { ButtonLink } from "@/components/ui/button-link";
import { Sheet } from "@/components/ui/sheet";
import { capitalized } from "@/lib/format";
import type { Result } from "@/lib/intents/action-types";
import { paths, signInPath } from "@/lib/paths";

export type Question = {
  id: string;
  purpose: string;
  why: Extract<Result, { status: "ask" }>["why"];
};

const reasons: Record<Question["why"], string> = {
  stale: "You started this a while ago.",
  "other-account": "You were signed in with another account when you started this.",
  irreversible: "This cannot be undone.",
  impersonation: "You are acting as another person.",
};

/** Tells a guest why they must sign in. The action runs when they return to `path` signed in. */
export function SignInSheet(props: { purpose: string; path: string; onCancel: () => void }) {
  const { purpose, path, onCancel } = props;
  return (
    <Sheet
      title={`Sign in to ${purpose}`}
      text="It is done as soon as you are signed in, and you can undo it."
      onCancel={onCancel}
    >
      <div className="flex flex-col gap-3">
        <ButtonLink href={signInPath(path)} variant="primary" size="large">
          Sign in
        </ButtonLink>
        <ButtonLink
          href={`${paths.signUp}?${new URLSearchParams({ redirect_url: path })}`}
          size="large"
        >
          Create an account
        </ButtonLink>
        <Button variant="quiet" size="large" onClick={onCancel}>
          Not now
        </Button>
      </div>
    </Sheet>
  );
}

/** Asks for confirmation before an action that must not run automatically. */
export function ConfirmSheet(props: {
  question: Question;
  onConfirm: () => void;
  onCancel: () => void;
}) {
  const { purpose, why } = props.question;
  return (
    <Sheet title={`${capitalized(purpose)}?`} text={reasons[why]} onCancel={props.onCancel}>
      <div className="flex flex-wrap justify-end gap-3">
        <Button size="large" onClick={props.onCancel}>
          Don’t
        </Button>
        <Button variant="primary" size="large" onClick={props.onConfirm}>
          Continue
        </Button>
      </div>
    </Sheet>
  );
}
