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
  const { after, sister, whenSignedIn } = authDestination({
    searchParams: await searchParams,
    headers: await headers(),
    origin: env().appUrl,
    path: paths.signUp,
    sisterPath: paths.signIn,
  });
  const asking = await currentViewer();
  // Further steps of Clerk's form are Clerk's to judge: an account may be being added, or chosen.
  const isFirstStep = (await params)["sign-up"] === undefined;
  if (asking.viewer && isFirstStep && whenSignedIn) redirect(whenSignedIn);
  const isRefused = !asking.viewer && (asking.reason === "revoked" || asking.reason === "invalid");
  const skeleton = <AuthCardSkeleton fields={2} />;
  return (
    <AuthCard isRefused={isRefused}>
      <StripRedirectParams fallback={skeleton}>
        <SignUp
          path={paths.signUp}
          signInUrl={sister}
          forceRedirectUrl={after}
          signInForceRedirectUrl={after}
          fallback={skeleton}
        />
      </StripRedirectParams>
    </AuthCard>
  );
}
