"use client";

import { useClerk, useSignIn } from "@clerk/nextjs";
import { ButtonAnchor } from "@/components/ui/button";
import { Loading, Skeleton } from "@/components/ui/skeleton";

type Result = { title: string; text: string; button?: string };

const refused: Record<string, Result> = {
  expired: {
    title: "This link has expired",
    text: "Go back to the page where you started, and send a new one.",
  },
  client_mismatch: {
    title: "Open this link where you started",
    text: "This link works only in the browser that asked for it.",
  },
};

const unusable: Result = {
  title: "This link doesn’t work",
  text: "It was used before, or is not complete. Go back to the page where you started, and send a new one.",
};

const here: Result = {
  title: "You’re signed in",
  text: "The page where you started continues. You can close this tab, or continue here.",
  button: "Continue here",
};

const elsewhere: Result = {
  title: "Your email address is confirmed",
  text: "Go back to the page where you started: it continues. If you opened this link in another browser, this one is not signed in.",
};

/** The content of a tab that was opened by a link in an email. `status` is Clerk's result in the URL. */
export function LinkOpened({ status, afterPath }: { status: string; afterPath: string }) {
  const { loaded } = useClerk();
  const { signIn } = useSignIn();
  if (!loaded) {
    return (
      <Loading what="the result of the link">
        <div className="rounded-card border border-line bg-surface p-6 sm:p-8">
          <Skeleton className="h-7 w-56" />
        </div>
      </Loading>
    );
  }
  const isHere = signIn.emailLink.verification?.verifiedFromTheSameClient === true;
  const verified = isHere ? here : elsewhere;
  const { title, text, button } = status === "verified" ? verified : (refused[status] ?? unusable);
  return (
    <section
      role="status"
      className="flex flex-col items-start gap-4 rounded-card border border-line bg-surface p-6 sm:p-8"
    >
      <h1 className="text-lg">{title}</h1>
      <p className="text-pretty text-ink-soft">{text}</p>
      {button && (
        // A plain link loads a new document, for which the middleware's handshake sets the session cookie that this tab lacks.
        <ButtonAnchor href={afterPath} variant="primary" size="large">
          {button}
        </ButtonAnchor>
      )}
    </section>
  );
}
