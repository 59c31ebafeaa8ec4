"use client";

import { useClerk, useSignIn, useSignUp } from "@clerk/nextjs";
import { useEffect, useMemo, useRef } from "react";
import { paths } from "@/lib/paths";
import type { ClerkPort } from "./clerk-port";

/** Adapts Clerk's hooks to the flows. `afterPath`: the path of this app that opens after sign-in. */
export function useClerkPort(afterPath: string): ClerkPort {
  const clerk = useClerk();
  const { signIn } = useSignIn();
  const { signUp } = useSignUp();
  const newest = useRef({ signIn, signUp, afterPath });
  useEffect(() => {
    newest.current = { signIn, signUp, afterPath };
  }, [signIn, signUp, afterPath]);
  return useMemo(
    () => ({
      signIn: () => newest.current.signIn,
      signUp: () => newest.current.signUp,
      async navigate({ session, decorateUrl }) {
        const path = newest.current.afterPath;
        if (!session.currentTask) return void (await clerk.navigate(decorateUrl(path)));
        // Clerk's form shows the task, and then continues to the same path. This loads a new document: a component of Clerk's that
        // mounts while the session changes would stay empty.
        const query = new URLSearchParams({ redirect_url: path });
        window.location.assign(
          decorateUrl(`${paths.signIn}/tasks/${session.currentTask.key}?${query}`),
        );
      },
      isOffline: () => !navigator.onLine,
      now: () => Date.now(),
    }),
    [clerk],
  );
}
