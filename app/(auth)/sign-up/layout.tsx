import type { ReactNode } from "react";
import { AuthCard } from "@/components/auth-card";
import { SignUpForm } from "@/components/sign-up-form";
import { env } from "@/lib/env";
import { currentViewer } from "@/lib/identity/current-viewer";

export const metadata = { title: "Sign up" };

/** The form lives here, above the steps in the URL. */
export default async function SignUpLayout({ children }: { children: ReactNode }) {
  const asking = await currentViewer();
  const why = asking.viewer ? undefined : asking.reason;
  return (
    <AuthCard isRefused={why === "revoked" || why === "invalid"}>
      <SignUpForm origin={env().appUrl} />
      {children}
    </AuthCard>
  );
}
