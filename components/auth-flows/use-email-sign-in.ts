"use client";

import { type UseEmailFlow, useEmailFlow } from "./use-email-flow";

/**
 * Headless sign-in with a code or a link by e-mail. The steps are the same for an address without an account; its owner can
 * create an account at the end. `linkPath` is the page that the link opens; without it, no links are sent.
 */
export function useEmailSignIn(options: { afterPath: string; linkPath?: string }) {
  const { flow, state, resendInSeconds } = useEmailFlow({ ...options, purpose: "signIn" });
  const { start, verifyCode, get: _get, subscribe: _subscribe, ...actions } = flow;
  const shared: UseEmailFlow = { ...actions, state, resendInSeconds };
  return { ...shared, startSignIn: start, verifyEmail: verifyCode };
}
