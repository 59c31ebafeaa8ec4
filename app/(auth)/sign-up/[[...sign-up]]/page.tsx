import { SignUp } from "@clerk/nextjs";
import { redirect } from "next/navigation";
import { AuthCard, AuthCardSkeleton } from "@/components/auth-card";
import { destinationOf } from "@/components/auth-destination";
import { env } from "@/lib/env";
import { currentViewer } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";

export const metadata = { title: "Sign up" };

export default async function SignUpPage({ searchParams }: { searchParams: Promise<unknown> }) {
  const { after, sister } = destinationOf(await searchParams, env().appUrl, paths.signIn);
  const asking = await currentViewer();
  if (asking.viewer) redirect(after);
  return (
    <AuthCard isRefused={asking.reason === "revoked" || asking.reason === "invalid"}>
      <SignUp
        path={paths.signUp}
        signInUrl={sister}
        forceRedirectUrl={after}
        signInForceRedirectUrl={after}
        fallback={<AuthCardSkeleton fields={2} />}
      />
    </AuthCard>
  );
}
