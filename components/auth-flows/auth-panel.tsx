"use client";

/** The content of `/join` and `/enter`: the current step's form, the Google and Apple buttons, and a link to the other page. */
import { useClerk } from "@clerk/nextjs";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { ClerkFallback } from "@/components/clerk/fallback";
import { Link } from "@/components/ui/link";
import { paths } from "@/lib/paths";
import type { EmailFlowState } from "./email-flow";
import type { LegalUrls } from "./legal-agreement";
import { SocialButtons } from "./social-buttons";
import {
  DetailsStep,
  EmailStep,
  NewAccountStep,
  SecondFactorStep,
  TicketStep,
  VerificationStep,
} from "./steps";
import type { UseEmailFlow } from "./use-email-flow";
import { useSocialAuth } from "./use-social-auth";

/** Removes `sso=return` from the URL, so that a reload does not continue an OAuth attempt that is over. */
function removeReturnMarker(): void {
  const url = new URL(window.location.href);
  url.searchParams.delete("sso");
  window.history.replaceState(null, "", url);
}

/** Returns the text that screen readers announce when the state of the flow changes. */
function statusOf(state: EmailFlowState): string {
  if (state.isSending) return "Sending";
  if (state.step === "complete") return "You are signed in.";
  if (state.step !== "needsVerification" || state.errors.length > 0) return "";
  const noun = state.method === "code" ? "code" : "link";
  return `${state.sent > 1 ? `Another ${noun}` : `A ${noun}`} was sent to ${state.email}.`;
}

export function AuthPanel(props: {
  purpose: "signUp" | "signIn";
  title: string;
  text: string;
  flow: UseEmailFlow & { verifyEmail: (code: string) => Promise<void> };
  start: (email: string) => Promise<void>;
  afterPath: string;
  /** This page's path with `sso=return`, where Google or Apple sends the person back. */
  returnPath: string;
  clerkFormPath: string;
  isReturning: boolean;
  ticket: string | null;
  legalUrls: LegalUrls;
  otherForm: ReactNode;
}) {
  const { purpose, flow, afterPath, returnPath, isReturning } = props;
  const { state } = flow;
  const clerk = useClerk();
  const [email, setEmail] = useState("");
  const [hasStarted, setHasStarted] = useState(false);
  const social = useSocialAuth({ purpose, afterPath, returnPath, isReturning });
  const { step, errors: socialErrors } = social.state;

  useEffect(() => {
    if (isReturning) removeReturnMarker();
  }, [isReturning]);
  const { continueWith } = flow;
  useEffect(() => {
    if (
      social.state.step === "needsDetails" ||
      social.state.step === "needsSecondFactor" ||
      social.state.step === "needsClerkForm" ||
      social.state.step === "complete"
    ) {
      continueWith(social.state);
    }
  }, [social.state, continueWith]);
  const form = state.step === "needsClerkForm" ? state.form : null;
  useEffect(() => {
    if (form === null) return;
    const page = form === "signUp" ? `${paths.signUp}/continue` : `${paths.signIn}/factor-two`;
    void clerk.navigate(`${page}?${new URLSearchParams({ redirect_url: afterPath })}`);
  }, [form, clerk, afterPath]);

  const startState = useMemo(
    () => (state.errors.length > 0 || state.isSending ? state : { ...state, errors: socialErrors }),
    [state, socialErrors],
  );
  const [ticket, setTicket] = useState(props.ticket);
  const isWithProvider = step === "leaving" || step === "returning";
  return (
    <ClerkFallback>
      <section className="flex flex-col gap-6 rounded-card border border-line bg-surface p-6 sm:p-8">
        <p role="status" className="sr-only">
          {statusOf(state)}
        </p>
        {state.step === "start" && ticket !== null && (
          <TicketStep
            state={state}
            purpose={purpose}
            onSubmit={() => void flow.redeem(ticket)}
            onDecline={() => {
              flow.restart();
              setTicket(null);
            }}
          />
        )}
        {state.step === "start" && ticket === null && (
          <>
            <EmailStep
              state={startState}
              title={props.title}
              text={props.text}
              email={email}
              isEntered={hasStarted}
              onSubmit={(given) => {
                setEmail(given);
                setHasStarted(true);
                void props.start(given);
              }}
            />
            {step === "returning" && (
              <p role="status" className="text-md text-ink-soft">
                Signing you in…
              </p>
            )}
            <SocialButtons
              leavingTo={social.state.step === "leaving" ? social.state.provider : null}
              isDisabled={isWithProvider || state.isSending}
              onChoose={(provider) => void social.start(provider)}
            />
          </>
        )}
        {state.step === "needsVerification" && <VerificationStep state={state} flow={flow} />}
        {state.step === "needsNewAccount" && <NewAccountStep state={state} flow={flow} />}
        {state.step === "needsDetails" && (
          <DetailsStep state={state} flow={flow} email={email} legalUrls={props.legalUrls} />
        )}
        {state.step === "needsSecondFactor" && <SecondFactorStep state={state} flow={flow} />}
        {state.step === "complete" && (
          <p className="text-ink-soft">You’re signed in. One moment…</p>
        )}
        {state.step === "needsClerkForm" && (
          <p className="text-ink-soft">One more step. Opening it…</p>
        )}
        {state.step === "start" && (
          <div className="flex flex-col gap-2 border-t border-line pt-5 text-md text-ink-soft">
            <p>{props.otherForm}</p>
            <p>
              No email address?{" "}
              <Link href={props.clerkFormPath} className="font-strong text-accent">
                {purpose === "signUp" ? "Sign up another way" : "Sign in another way"}
              </Link>
            </p>
          </div>
        )}
        <div id="clerk-captcha" className="empty:hidden" />
      </section>
    </ClerkFallback>
  );
}
