"use client";

import { type ReactNode, useState } from "react";
import { socialSteps } from "@/components/social/first-steps"; // part of the sample product
import { Button } from "@/components/ui/button";
import { ButtonLink } from "@/components/ui/button-link";
import { Icon } from "@/components/ui/icon";
import { paths } from "@/lib/paths";
import { HIDDEN_STEPS_COOKIE } from "./first-run-cookie";
import type { HomeViewer } from "./home-query";

export type FirstStep = { title: string; text: string; action: ReactNode; isDone: boolean };

function firstSteps(viewer: HomeViewer): FirstStep[] {
  return [
    {
      title: "Create an organization",
      text: "Its members work together in it. Or accept an invitation to one.",
      action: <ButtonLink href={paths.newOrganization}>Create an organization</ButtonLink>,
      isDone: viewer.memberships.length > 0,
    },
    ...socialSteps(viewer), // part of the sample product
  ];
}

/** Suggests next steps to a new user. Not shown once all steps are done, or when the user has hidden them. */
export function FirstRun(props: { viewer: HomeViewer; isHidden: boolean }) {
  const [isHidden, setIsHidden] = useState(props.isHidden);
  const steps = firstSteps(props.viewer);
  if (isHidden || steps.every(({ isDone }) => isDone)) return null;
  const hide = () => {
    // A cookie instead of the browser's storage, so that the server can render the page without the steps.
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser yet
    document.cookie = `${HIDDEN_STEPS_COOKIE}=1; path=/; max-age=31536000; samesite=lax`;
    setIsHidden(true);
  };
  return (
    <section aria-labelledby="first-steps" className="flex flex-col gap-4">
      <div className="flex items-center justify-between gap-4">
        <h2 id="first-steps" className="text-lg">
          Next steps
        </h2>
        <Button variant="quiet" aria-label="Hide the next steps" onClick={hide}>
          Hide
        </Button>
      </div>
      <ol className="rounded-card border border-line bg-surface">
        {steps.map((step) => (
          <Step key={step.title} step={step} />
        ))}
      </ol>
    </section>
  );
}

function Step({ step: { title, text, action, isDone } }: { step: FirstStep }) {
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-3 border-b border-line p-4 last:border-b-0">
      <span
        aria-hidden="true"
        className={
          isDone
            ? "grid size-6 shrink-0 place-items-center rounded-full bg-good-quiet text-good"
            : "size-6 shrink-0 rounded-full border border-line-strong"
        }
      >
        {isDone && <Icon name="check" className="size-3.5" />}
      </span>
      <div className="min-w-0 flex-1 basis-48">
        <p className={isDone ? "text-ink-soft" : "font-strong"}>
          {title}
          {isDone && <span className="sr-only">, done</span>}
        </p>
        {!isDone && <p className="text-md text-pretty text-ink-soft">{text}</p>}
      </div>
      {!isDone && action}
    </li>
  );
}
