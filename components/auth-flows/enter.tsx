"use client";

import { Link } from "@/components/ui/link";
import { AuthPanel } from "./auth-panel";
import type { OwnFormProps } from "./join";
import { useEmailSignIn } from "./use-email-sign-in";

export function Enter({ linkPath, ...props }: OwnFormProps & { linkPath: string }) {
  const flow = useEmailSignIn({ afterPath: props.afterPath, linkPath });
  return (
    <AuthPanel
      {...props}
      purpose="signIn"
      title="Sign in"
      text="Enter your email address. You get a code by email, and need no password."
      flow={flow}
      start={flow.startSignIn}
      otherForm={
        <>
          New here?{" "}
          <Link href={props.otherFormPath} className="font-strong text-accent">
            Create an account
          </Link>
        </>
      }
    />
  );
}
