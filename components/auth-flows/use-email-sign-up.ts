"use client";

import { type UseEmailFlow, useEmailFlow } from "./use-email-flow";

/**
 * Headless sign-up with an e-mail address. `startSignUp` sends a code, and the state becomes `needsVerification`. `verifyEmail`
 * checks the code. The steps are the same for an address that has an account; its owner is signed in at the end.
 */
export function useEmailSignUp(options: { afterPath: string }) {
  const { flow, state, resendInSeconds } = useEmailFlow({ ...options, purpose: "signUp" });
  const { start, verifyCode, get: _get, subscribe: _subscribe, ...actions } = flow;
  const shared: UseEmailFlow = { ...actions, state, resendInSeconds };
  return { ...shared, startSignUp: start, verifyEmail: verifyCode };
}
