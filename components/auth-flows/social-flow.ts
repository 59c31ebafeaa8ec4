/** Signing up and in with Google or Apple: a state machine without React. */
import type { ClerkPort } from "./clerk-port";
import {
  type Continuation,
  call,
  continueSignIn,
  continueSignUp,
  isRefused,
  type Outcome,
  transferToSignIn,
  transferToSignUp,
} from "./continuation";
import { type FlowError, flowErrors } from "./flow-error";
import { type StateStore, stateStore } from "./state-store";

export const socialProviders = ["google", "apple"] as const;
export type SocialProvider = (typeof socialProviders)[number];

type Step =
  | { step: "start" }
  /** The browser is being redirected to the provider. */
  | { step: "leaving"; provider: SocialProvider }
  /** The provider has redirected the browser back, and the result is not known yet. */
  | { step: "returning" }
  | Continuation;

export type SocialFlowState = Step & { errors: readonly FlowError[] };

export type SocialFlow = Pick<StateStore<SocialFlowState>, "get" | "subscribe"> & {
  start(provider: SocialProvider): Promise<void>;
  /** Continues the flow on the page to which the provider has redirected. */
  resume(): Promise<void>;
  /** Call when the person came back by the Back button, without a result of the provider. */
  cancel(): void;
};

export type SocialFlowOptions = {
  purpose: "signUp" | "signIn";
  /** The path that opens after sign-in. */
  afterPath: string;
  /** The path to which the provider redirects; its page calls `resume`. */
  returnPath: string;
};

export function socialFlow(port: ClerkPort, options: SocialFlowOptions): SocialFlow {
  const store = stateStore<SocialFlowState>({ step: "start", errors: [] });
  const show = (outcome: Outcome<Step>) =>
    store.set(
      isRefused(outcome) ? { step: "start", errors: outcome.errors } : { ...outcome, errors: [] },
    );

  async function continued(): Promise<Outcome<Step>> {
    const signIn = port.signIn();
    const signUp = port.signUp();
    // The sign-up of a person who has an account becomes a sign-in. The sign-in of a person without an account becomes a sign-up.
    if (signUp.isTransferable) return transferToSignIn(port);
    if (signIn.isTransferable) return transferToSignUp(port);
    if (signIn.status === "complete" || signIn.status === "needs_second_factor") {
      return continueSignIn(port);
    }
    const refused =
      signIn.firstFactorVerification.error ?? signUp.verifications.externalAccount.error;
    if (refused) return { errors: flowErrors({ status: 400, errors: [refused] }) };
    if (
      signUp.verifications.externalAccount.status === "verified" ||
      signUp.status === "complete"
    ) {
      return continueSignUp(port);
    }
    // Clerk has no attempt to continue: the page was reloaded, or the attempt has expired.
    return { step: "start" };
  }

  return {
    get: store.get,
    subscribe: store.subscribe,

    async start(provider) {
      const { step } = store.get();
      if (step === "leaving" || step === "returning" || step === "complete") return;
      show({ step: "leaving", provider });
      const request = {
        strategy: `oauth_${provider}` as const,
        redirectUrl: options.afterPath,
        redirectCallbackUrl: options.returnPath,
      };
      const errors = await call(port, () =>
        options.purpose === "signUp" ? port.signUp().sso(request) : port.signIn().sso(request),
      );
      if (errors.length > 0) show({ errors });
    },

    async resume() {
      if (store.get().step !== "start") return;
      show({ step: "returning" });
      show(await continued());
    },

    cancel() {
      if (store.get().step === "leaving") show({ step: "start" });
    },
  };
}
