import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { AuthCard, AuthCardSkeleton } from "@/components/clerk/auth-card";
import { authDestination } from "@/components/clerk/auth-destination";
import { SignIn } from "@/components/clerk/client-components";
import { InvitationGreeting } from "@/components/clerk/invitation-greeting";
import { StripRedirectParams } from "@/components/clerk/strip-redirect-params";
import { env } from "@/lib/env";
import { currentViewer, hasPendingSession } from "@/lib/identity/current-viewer";
import { paths, tasksPath } from "@/lib/paths";
import { findInvitationGreeting } from "@/lib/query/invitation-greeting";

export const metadata = { title: "Sign in" };

export default async function SignInPage({
  params,
  searchParams,
}: PageProps<"/sign-in/[[...sign-in]]">) {
  const { afterPath, otherFormPath, signedInPath } = authDestination({
    searchParams: await searchParams,
    headers: await headers(),
    origin: env().appUrl,
    formPath: paths.signIn,
    otherForm: paths.signUp,
  });
  const asking = await currentViewer();
  // Redirects only from the form's first step. On a later step, a signed-in user may be adding or choosing an account, and
  // Clerk's form makes the redirects.
  const isFirstStep = (await params)["sign-in"] === undefined;
  if (asking.viewer && isFirstStep && signedInPath) redirect(signedInPath);
  if (isFirstStep && signedInPath && (await hasPendingSession())) redirect(tasksPath(afterPath));
  const isRefused = !asking.viewer && (asking.reason === "revoked" || asking.reason === "invalid");
  const skeleton = <AuthCardSkeleton fields={1} />;
  return (
    <AuthCard isRefused={isRefused}>
      <InvitationGreeting greeting={await findInvitationGreeting(await searchParams)} />
      <StripRedirectParams fallback={skeleton}>
        <SignIn
          path={paths.signIn}
          signUpUrl={otherFormPath}
          forceRedirectUrl={afterPath}
          signUpForceRedirectUrl={afterPath}
          fallback={skeleton}
        />
      </StripRedirectParams>
    </AuthCard>
  );
}
