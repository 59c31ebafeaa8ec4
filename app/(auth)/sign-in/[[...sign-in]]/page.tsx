import { SignIn } from "@clerk/nextjs";
import { redirect } from "next/navigation";
import { AuthCard, AuthCardSkeleton } from "@/components/auth-card";
import { destinationOf } from "@/components/auth-destination";
import { env } from "@/lib/env";
import { currentViewer } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";

export const metadata = { title: "Sign in" };

export default async function SignInPage({ searchParams }: { searchParams: Promise<unknown> }) {
  const { after, sister } = destinationOf(await searchParams, env().appUrl, paths.signUp);
  const asking = await currentViewer();
  if (asking.viewer) redirect(after);
  return (
    <AuthCard isRefused={asking.reason === "revoked" || asking.reason === "invalid"}>
      <SignIn
        path={paths.signIn}
        signUpUrl={sister}
        forceRedirectUrl={after}
        signUpForceRedirectUrl={after}
        fallback={<AuthCardSkeleton fields={1} />}
      />
    </AuthCard>
  );
}
