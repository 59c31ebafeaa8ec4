"use client";

/** The forms of the steps that sign-up and sign-in share. */
import { TextField } from "@/components/ui/text-field";
import type { SecondFactor } from "./continuation";
import type { EmailFlowState } from "./email-flow";
import { type DetailField, detailFields } from "./flow-error";
import { FlowForm } from "./flow-form";
import { LegalAgreement, type LegalUrls } from "./legal-agreement";
import type { UseEmailFlow } from "./use-email-flow";

type StateOf<Step extends EmailFlowState["step"]> = Extract<EmailFlowState, { step: Step }>;

const errorOf = (state: EmailFlowState, field: string) =>
  state.errors.find((each) => each.field === field)?.text;

const textOf = (fields: FormData, name: string) => {
  const value = fields.get(name);
  return typeof value === "string" ? value : "";
};

/** A button that looks like a link. */
function TextButton(props: { onClick: () => void; disabled?: boolean; children: React.ReactNode }) {
  return (
    <button
      type="button"
      {...props}
      className="rounded-control text-md font-strong text-accent hover:text-accent-strong disabled:cursor-not-allowed disabled:font-normal disabled:text-ink-soft"
    />
  );
}

export function EmailStep(props: {
  state: EmailFlowState;
  title: string;
  text: string;
  email: string;
  isEntered: boolean;
  onSubmit: (email: string) => void;
}) {
  const { state, email, onSubmit, ...form } = props;
  return (
    <FlowForm
      {...form}
      button={state.isSending ? "Sending…" : "Continue"}
      isSending={state.isSending}
      errors={state.errors}
      onSubmit={(fields) => onSubmit(textOf(fields, "email"))}
    >
      <TextField
        label="Email address"
        name="email"
        type="email"
        autoComplete="email"
        spellCheck={false}
        autoCapitalize="none"
        defaultValue={email}
        error={errorOf(state, "email")}
      />
    </FlowForm>
  );
}

/** The first step of a person who opened an invitation or a sign-in link: its ticket proves the address, so no code is needed. */
export function TicketStep(props: {
  state: EmailFlowState;
  purpose: "signUp" | "signIn";
  onSubmit: () => void;
  onDecline: () => void;
}) {
  const { state, purpose } = props;
  const [verb, busy] =
    purpose === "signUp" ? ["Create an account", "Creating…"] : ["Sign in", "Signing in…"];
  return (
    <div className="flex flex-col gap-5">
      <FlowForm
        title={verb}
        text="Your link confirms your email address, so you need no code."
        button={state.isSending ? busy : "Continue"}
        isSending={state.isSending}
        errors={state.errors}
        isEntered={false}
        onSubmit={props.onSubmit}
      />
      <TextButton disabled={state.isSending} onClick={props.onDecline}>
        Use another address
      </TextButton>
    </div>
  );
}

type Flow = UseEmailFlow & { verifyEmail: (code: string) => Promise<void> };

export function VerificationStep({
  state,
  flow,
}: {
  state: StateOf<"needsVerification">;
  flow: Flow;
}) {
  const { email, method, methods, isSending } = state;
  const noun = method === "code" ? "code" : "link";
  const other = methods.find((each) => each !== method);
  const wait = flow.resendInSeconds;
  const isLink = method === "link";
  return (
    <div className="flex flex-col gap-5">
      <FlowForm
        key={method}
        title="Check your email"
        text={
          <>
            {isLink ? "We sent a link to " : "We sent a code to "}
            <strong className="font-strong text-ink">{email}</strong>
            {isLink && ". Open it in this browser; this page then continues."}
            {!isLink && ". It is valid for ten minutes."}
          </>
        }
        button={
          isLink ? "I have no link: use another address" : isSending ? "Checking…" : "Continue"
        }
        isSending={isSending}
        errors={state.errors}
        isEntered
        onSubmit={(fields) =>
          isLink ? flow.restart() : void flow.verifyEmail(textOf(fields, "code"))
        }
      >
        {!isLink && (
          <TextField
            label="Code"
            name="code"
            inputMode="numeric"
            autoComplete="one-time-code"
            spellCheck={false}
            maxLength={12}
            error={errorOf(state, "code")}
            className="font-mono tracking-[0.2em] tabular-nums"
          />
        )}
      </FlowForm>
      <div className="flex flex-wrap gap-x-5 gap-y-2">
        <TextButton disabled={wait > 0 || isSending} onClick={() => void flow.resend()}>
          {wait > 0 ? `Send another ${noun} in ${wait} s` : `Send another ${noun}`}
        </TextButton>
        {other && (
          <TextButton disabled={isSending} onClick={() => void flow.choose(other)}>
            {other === "link" ? "Email a link instead" : "Email a code instead"}
          </TextButton>
        )}
        {!isLink && <TextButton onClick={flow.restart}>Use another address</TextButton>}
      </div>
    </div>
  );
}

export function NewAccountStep({ state, flow }: { state: StateOf<"needsNewAccount">; flow: Flow }) {
  return (
    <div className="flex flex-col gap-5">
      <FlowForm
        title="No account yet"
        text={
          <>
            <strong className="font-strong text-ink">{state.email}</strong> is yours, but it has no
            account. Create one, or sign in with another address.
          </>
        }
        button={state.isSending ? "Creating…" : "Create an account"}
        isSending={state.isSending}
        errors={state.errors}
        isEntered
        onSubmit={() => void flow.createAccount()}
      />
      <TextButton onClick={flow.restart}>Use another address</TextButton>
    </div>
  );
}

const detailInputs: Record<
  Exclude<DetailField, "legalAccepted">,
  { label: string; type?: string; autoComplete: string }
> = {
  firstName: { label: "First name", autoComplete: "given-name" },
  lastName: { label: "Last name", autoComplete: "family-name" },
  username: { label: "Username", autoComplete: "username" },
  password: { label: "Password", type: "password", autoComplete: "new-password" },
};

export function DetailsStep(props: {
  state: StateOf<"needsDetails">;
  flow: Flow;
  email: string;
  legalUrls: LegalUrls;
}) {
  const { state, flow, email } = props;
  const asked = (field: DetailField) => state.fields.includes(field);
  return (
    <FlowForm
      title="Almost done"
      text="Your email address is confirmed. Add what is missing to create your account."
      button={state.isSending ? "Creating…" : "Create account"}
      isSending={state.isSending}
      errors={state.errors}
      isEntered
      onSubmit={(fields) =>
        void flow.submitDetails({
          ...Object.fromEntries(
            state.fields
              .filter((field) => field !== "legalAccepted")
              .map((field) => [field, textOf(fields, field)]),
          ),
          ...(asked("legalAccepted") && { legalAccepted: fields.get("legalAccepted") === "on" }),
        })
      }
    >
      {asked("password") && !asked("username") && (
        // Password managers read the user name for the new password from this field.
        <input
          type="text"
          name="email"
          autoComplete="username"
          value={email}
          readOnly
          tabIndex={-1}
          aria-hidden="true"
          className="sr-only"
        />
      )}
      {detailFields.map(
        (field) =>
          field !== "legalAccepted" &&
          asked(field) && (
            <TextField
              key={field}
              name={field}
              {...detailInputs[field]}
              error={errorOf(state, field)}
            />
          ),
      )}
      {asked("legalAccepted") && (
        <LegalAgreement urls={props.legalUrls} error={errorOf(state, "legalAccepted")} />
      )}
    </FlowForm>
  );
}

const factorTexts: Record<SecondFactor, { text: string; choose: string }> = {
  totp: {
    text: "Enter the code that your authenticator app shows.",
    choose: "Use your authenticator app",
  },
  phone_code: {
    text: "Enter the code that we sent to your phone.",
    choose: "Send a text message",
  },
  backup_code: {
    text: "Enter one of your backup codes. Each works once.",
    choose: "Use a backup code",
  },
};

export function SecondFactorStep(props: { state: StateOf<"needsSecondFactor">; flow: Flow }) {
  const { state, flow } = props;
  const isNumeric = state.factor !== "backup_code";
  return (
    <div className="flex flex-col gap-5">
      <FlowForm
        key={state.factor}
        title="Confirm that it’s you"
        text={factorTexts[state.factor].text}
        button={state.isSending ? "Checking…" : "Continue"}
        isSending={state.isSending}
        errors={state.errors}
        isEntered
        onSubmit={(fields) => void flow.verifySecondFactor(textOf(fields, "code"))}
      >
        <TextField
          label={isNumeric ? "Code" : "Backup code"}
          name="code"
          inputMode={isNumeric ? "numeric" : "text"}
          autoComplete={isNumeric ? "one-time-code" : "off"}
          spellCheck={false}
          error={errorOf(state, "code")}
          className="font-mono"
        />
      </FlowForm>
      <div className="flex flex-wrap gap-x-5 gap-y-2">
        {state.factors
          .filter((factor) => factor !== state.factor)
          .map((factor) => (
            <TextButton
              key={factor}
              disabled={state.isSending}
              onClick={() => void flow.chooseSecondFactor(factor)}
            >
              {factorTexts[factor].choose}
            </TextButton>
          ))}
      </div>
    </div>
  );
}
