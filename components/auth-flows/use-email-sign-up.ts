"use client";

import { type UseEmailFlow, useEmailFlow } from "./use-email-flow";

/**
 * Headless sign-up with an e-mail address. `startSignUp` sends a code and leads to the state `needsVerification`; `verifyEmail`
 * leads on. An address that has an account takes the same steps, and its owner is signed in at the end.
 */
export function useEmailSignUp(options: { afterPath: string }) {
  const { flow, state, resendInSeconds } = useEmailFlow({ ...options, purpose: "signUp" });
  const { start, verifyCode, get: _get, subscribe: _subscribe, ...actions } = flow;
  const shared: UseEmailFlow = { ...actions, state, resendInSeconds };
  return { ...shared, startSignUp: start, verifyEmail: verifyCode };
}
