import type { ReactNode } from "react";
import { AuthCard } from "@/components/auth-card";
import { SignInForm } from "@/components/sign-in-form";
import { env } from "@/lib/env";
import { currentViewer } from "@/lib/identity/current-viewer";

export const metadata = { title: "Sign in" };

/** The form lives here, above the steps in the URL. */
export default async function SignInLayout({ children }: { children: ReactNode }) {
  const asking = await currentViewer();
  const why = asking.viewer ? undefined : asking.reason;
  return (
    <AuthCard isRefused={why === "revoked" || why === "invalid"}>
      <SignInForm origin={env().appUrl} />
      {children}
    </AuthCard>
  );
}
