"use client";

import { Link } from "@/components/ui/link";
import { AuthPanel } from "./auth-panel";
import type { LegalUrls } from "./legal-agreement";
import { useEmailSignUp } from "./use-email-sign-up";

export type OwnFormProps = {
  /** The path of this app that opens when the person is signed in. */
  afterPath: string;
  otherFormPath: string;
  returnPath: string;
  /** Clerk's form, for people with a phone number or a username instead of an e-mail address. */
  clerkFormPath: string;
  /** The documents that a person must agree to, if sign-up requires it. */
  legalUrls: LegalUrls;
  isReturning: boolean;
  ticket: string | null;
};

export function Join(props: OwnFormProps) {
  const flow = useEmailSignUp({ afterPath: props.afterPath });
  return (
    <AuthPanel
      {...props}
      purpose="signUp"
      title="Create your account"
      text="Enter your email address. You get a code that confirms it is yours."
      flow={flow}
      start={flow.startSignUp}
      otherForm={
        <>
          Have an account?{" "}
          <Link href={props.otherFormPath} className="font-strong text-accent">
            Sign in
          </Link>
        </>
      }
    />
  );
}
