/**
 * Signs people up and in with an e-mail address: a state machine without React. Whether an address has an account is revealed
 * only to its owner, after the address is verified. Until then, an address with an account and one without get the same calls
 * (`signUpIfMissing`), states and texts.
 */
import type { ClerkPort } from "./clerk-port";
import {
  type Continuation,
  call,
  chooseSecondFactor,
  continueSignIn,
  continueSignUp,
  type Details,
  isRefused,
  type Outcome,
  type SecondFactor,
  submitDetails,
  transferToSignUp,
  verifySecondFactor,
} from "./continuation";
import {
  type DetailField,
  detailFields,
  type FlowError,
  invalidEmail,
  NO_ANSWER,
  requiredError,
} from "./flow-error";
import { type StateStore, stateStore } from "./state-store";

export const RESEND_COOLDOWN_MS = 30_000;

export type Method = "code" | "link";

type Step =
  | { step: "start" }
  | {
      step: "needsVerification";
      email: string;
      method: Method;
      /** The verification methods that the instance allows. */
      methods: Method[];
      /** The earliest time at which another code or link can be sent, in ms on the clock of `now()`. */
      resendAt: number;
      /** How many codes or links were sent to this address. */
      sent: number;
    }
  /** Sign-in only: the address is verified and has no account. */
  | { step: "needsNewAccount"; email: string }
  | Continuation;

export type EmailFlowState = Step & {
  /** True while a request is on its way: other actions are ignored. */
  isSending: boolean;
  errors: readonly FlowError[];
};

export type EmailFlow = Pick<StateStore<EmailFlowState>, "get" | "subscribe"> & {
  /** Signs up or in with the ticket of an invitation or of a sign-in link. A refused ticket shows its error at the first step. */
  redeem(ticket: string): Promise<void>;
  /** Sends a code, or a link where the instance has no codes. */
  start(email: string): Promise<void>;
  verifyCode(code: string): Promise<void>;
  /** Sends another code or link; ignored during the cooldown. */
  resend(): Promise<void>;
  /** Changes to this method and sends a code or link, even during the cooldown. Ignored if this method is already in use. */
  choose(method: Method): Promise<void>;
  createAccount(): Promise<void>;
  submitDetails(details: Details): Promise<void>;
  chooseSecondFactor(factor: SecondFactor): Promise<void>;
  verifySecondFactor(code: string): Promise<void>;
  /** Continues after Google or Apple has verified the person. */
  continueWith(step: Continuation): void;
  /** Returns to the first step. A later `start` with the same address keeps its cooldown. */
  restart(): void;
};

export type EmailFlowOptions = {
  purpose: "signUp" | "signIn";
  /** The path that the link in the e-mail opens, with Clerk's result in the query. Without it, no links are sent. */
  linkPath?: string;
};

/** Matches every address that a browser accepts for `type="email"`, if its domain contains a dot. */
const ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

const isOver = ({ code }: FlowError) =>
  ["resource_not_found", "client_state_invalid", "verification_missing"].includes(code);

export function emailFlow(port: ClerkPort, options: EmailFlowOptions): EmailFlow {
  const store = stateStore<EmailFlowState>({ step: "start", isSending: false, errors: [] });
  /** The step that belongs to the newest code or link. `restart` keeps it, because the cooldown of that message goes on. */
  let newest: Extract<Step, { step: "needsVerification" }> | null = null;
  /** Counts attempts, so that the response to an abandoned attempt is dropped. */
  let attempt = 0;

  const show = (step: Step, errors: readonly FlowError[] = []) =>
    store.set({ ...step, isSending: false, errors });
  const refuse = (...errors: FlowError[]) =>
    store.set({ ...store.get(), isSending: false, errors });

  /** Runs one action at a time. If Clerk refuses the action, keeps the step and shows the errors. */
  async function run(action: () => Promise<Outcome<Step> | null>): Promise<void> {
    const before = store.get();
    if (before.isSending || before.step === "complete") return;
    const own = attempt;
    store.set({ ...before, isSending: true, errors: [] });
    const outcome = await action();
    if (own !== attempt) return;
    if (outcome === null) return refuse();
    if (!isRefused(outcome)) return show(outcome);
    if (outcome.errors.some(isOver)) {
      newest = null;
      return show({ step: "start" }, outcome.errors);
    }
    refuse(...outcome.errors);
  }

  async function identify(email: string): Promise<FlowError[]> {
    const create = (signUpIfMissing: boolean) =>
      call(port, () =>
        port.signIn().create({ identifier: email, ...(signUpIfMissing && { signUpIfMissing }) }),
      );
    const errors = await create(true);
    const isInvitationOnly = errors.some(({ code }) => /^sign_up_(mode_)?restricted/.test(code));
    // An instance that restricts sign-up refuses `signUpIfMissing`. A second request without this option lets people with an
    // account sign in. This reveals which addresses have an account, as Clerk itself does for such an instance.
    return isInvitationOnly && options.purpose === "signIn" ? create(false) : errors;
  }

  async function send(email: string, wanted: Method | null): Promise<Outcome<Step>> {
    const { linkPath } = options;
    const offered = port.signIn().supportedFirstFactors.map(({ strategy }) => strategy);
    const methods: Method[] = [
      ...(offered.includes("email_code") ? (["code"] as const) : []),
      ...(offered.includes("email_link") && linkPath ? (["link"] as const) : []),
    ];
    const method = wanted ?? methods[0];
    if (!method || !methods.includes(method)) return { errors: [NO_ANSWER] };
    const errors = await call(port, () =>
      method === "code"
        ? port.signIn().emailCode.sendCode()
        : port.signIn().emailLink.sendLink({ verificationUrl: linkPath ?? "" }),
    );
    if (errors.length > 0) return { errors };
    const sent = newest?.email === email ? newest.sent + 1 : 1;
    const resendAt = port.now() + RESEND_COOLDOWN_MS;
    newest = { step: "needsVerification", email, method, methods, resendAt, sent };
    if (method === "link") void waitForLink(attempt, email);
    return newest;
  }

  async function afterProof(errors: FlowError[], email: string): Promise<Outcome<Step>> {
    const hasNoAccount =
      errors.some(({ code }) => code === "sign_up_if_missing_transfer") ||
      (errors.length === 0 && port.signIn().isTransferable);
    if (!hasNoAccount) return errors.length > 0 ? { errors } : continueSignIn(port);
    return options.purpose === "signUp"
      ? transferToSignUp(port)
      : { step: "needsNewAccount", email };
  }

  /**
   * Waits until the link was opened, in any browser, or has expired. Then continues the flow, or shows that the link has expired.
   */
  async function waitForLink(own: number, email: string): Promise<void> {
    const errors = await call(port, () => port.signIn().emailLink.waitForVerification());
    const state = store.get();
    const isCurrent = state.step === "needsVerification" && state.method === "link";
    if (own !== attempt || !isCurrent) return;
    if (port.signIn().firstFactorVerification.status === "expired") {
      return refuse({
        code: "verification_expired",
        field: null,
        text: "That link has expired. Send a new one.",
      });
    }
    await run(() => afterProof(errors, email));
  }

  return {
    get: store.get,
    subscribe: store.subscribe,

    async start(given) {
      const email = given.trim();
      if (store.get().isSending) return;
      if (email === "") return refuse(requiredError("email"));
      if (!ADDRESS.test(email)) return refuse(invalidEmail());
      // Sending another message would invalidate the code or link that is on its way.
      if (newest?.email === email && port.now() < newest.resendAt) {
        // `restart` has ended the wait for this link.
        if (newest.method === "link") void waitForLink(attempt, email);
        return show(newest);
      }
      await run(async () => {
        const errors = await identify(email);
        return errors.length > 0 ? { errors } : send(email, null);
      });
    },

    async redeem(ticket) {
      if (store.get().step !== "start") return;
      await run(async () => {
        const isSignUp = options.purpose === "signUp";
        const errors = await call(port, () =>
          isSignUp ? port.signUp().ticket({ ticket }) : port.signIn().ticket({ ticket }),
        );
        if (errors.length > 0) return { errors };
        return isSignUp ? continueSignUp(port) : continueSignIn(port);
      });
    },

    async verifyCode(given) {
      const state = store.get();
      const code = given.replaceAll(/\s/g, "");
      if (state.step !== "needsVerification" || state.isSending) return;
      if (code === "") return refuse(requiredError("code"));
      await run(async () => {
        const errors = await call(port, () => port.signIn().emailCode.verifyCode({ code }));
        return afterProof(errors, state.email);
      });
    },

    async resend() {
      const state = store.get();
      if (state.step !== "needsVerification" || port.now() < state.resendAt) return;
      await run(() => send(state.email, state.method));
    },

    async choose(method) {
      const state = store.get();
      if (state.step !== "needsVerification" || state.method === method) return;
      await run(() => send(state.email, method));
    },

    async createAccount() {
      if (store.get().step !== "needsNewAccount") return;
      await run(() => transferToSignUp(port));
    },

    async submitDetails(details) {
      const state = store.get();
      if (state.step !== "needsDetails" || state.isSending) return;
      const isGiven = (field: DetailField) =>
        field === "legalAccepted"
          ? details.legalAccepted === true
          : Boolean(details[field]?.trim());
      const missing = detailFields.filter((each) => state.fields.includes(each) && !isGiven(each));
      if (missing.length > 0) return refuse(...missing.map(requiredError));
      await run(() => submitDetails(port, details));
    },

    async chooseSecondFactor(factor) {
      const state = store.get();
      if (state.step !== "needsSecondFactor" || !state.factors.includes(factor)) return;
      await run(() => chooseSecondFactor(port, factor, state.factors));
    },

    async verifySecondFactor(given) {
      const state = store.get();
      const code = given.replaceAll(/\s/g, "");
      if (state.step !== "needsSecondFactor" || state.isSending) return;
      if (code === "") return refuse({ ...requiredError("code"), text: "Enter the code." });
      await run(() => verifySecondFactor(port, state.factor, code));
    },

    continueWith(step) {
      attempt += 1;
      show(step);
    },

    restart() {
      attempt += 1;
      show({ step: "start" });
    },
  };
}
