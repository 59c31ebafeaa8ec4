"use client";

import { useClerk } from "@clerk/nextjs";
import { useEffect, useState, useSyncExternalStore } from "react";
import { type SocialFlowOptions, socialFlow } from "./social-flow";
import { useClerkPort } from "./use-clerk-port";

/**
 * Headless sign-up and sign-in with Google and Apple. `isReturning`: the provider has redirected to this page, at
 * `returnPath`; the flow then continues as soon as Clerk has loaded.
 */
export function useSocialAuth(options: SocialFlowOptions & { isReturning: boolean }) {
  const { loaded } = useClerk();
  const port = useClerkPort(options.afterPath);
  const [flow] = useState(() => socialFlow(port, options));
  const state = useSyncExternalStore(flow.subscribe, flow.get, flow.get);
  const { isReturning } = options;
  useEffect(() => {
    if (loaded && isReturning) void flow.resume();
  }, [flow, loaded, isReturning]);
  useEffect(() => {
    // After Back, the browser may restore the page from its cache, still in the state `leaving`.
    const onShow = (event: PageTransitionEvent) => {
      if (event.persisted) flow.cancel();
    };
    window.addEventListener("pageshow", onShow);
    return () => window.removeEventListener("pageshow", onShow);
  }, [flow]);
  return { state, start: flow.start };
}
