import { SignUp } from "@clerk/nextjs";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { AuthCard, AuthCardSkeleton } from "@/components/clerk/auth-card";
import { authDestination } from "@/components/clerk/auth-destination";
import { StripRedirectParams } from "@/components/clerk/strip-redirect-params";
import { env } from "@/lib/env";
import { currentViewer } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";

export const metadata = { title: "Sign up" };

export default async function SignUpPage({
  params,
  searchParams,
}: PageProps<"/sign-up/[[...sign-up]]">) {
  const { afterPath, otherFormPath, signedInPath } = authDestination({
    searchParams: await searchParams,
    headers: await headers(),
    origin: env().appUrl,
    formPath: paths.signUp,
    otherForm: paths.signIn,
  });
  const asking = await currentViewer();
  // A signed-in user may be on a later step to add or choose an account: there, Clerk's form decides about redirects.
  const isFirstStep = (await params)["sign-up"] === undefined;
  if (asking.viewer && isFirstStep && signedInPath) redirect(signedInPath);
  const isRefused = !asking.viewer && (asking.reason === "revoked" || asking.reason === "invalid");
  const skeleton = <AuthCardSkeleton fields={2} />;
  return (
    <AuthCard isRefused={isRefused}>
      <StripRedirectParams fallback={skeleton}>
        <SignUp
          path={paths.signUp}
          signInUrl={otherFormPath}
          forceRedirectUrl={afterPath}
          signInForceRedirectUrl={afterPath}
          fallback={skeleton}
        />
      </StripRedirectParams>
    </AuthCard>
  );
}
