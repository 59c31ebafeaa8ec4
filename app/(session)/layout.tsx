import { headers } from "next/headers";
import type { ReactNode } from "react";
import { ApolloProviderWrapper } from "@/components/apollo-provider-wrapper";
import { clerkAppearance } from "@/components/clerk/appearance";
import { ClerkProvider } from "@/components/clerk/client-components";
import { Impersonation } from "@/components/clerk/impersonation";
import { env } from "@/lib/env";
import { paths } from "@/lib/paths";

/**
 * The layout of all pages that need Clerk or Apollo in the browser. The landing page does not use it, so that a guest loads
 * neither. All route groups share this layout, because a navigation from sign-in to home or the console must not unmount the
 * providers.
 */
export default async function SessionLayout({ children }: { children: ReactNode }) {
  // The nonce of the middleware's Content-Security-Policy. Next reads it itself; Clerk and Apollo need it as a prop.
  const nonce = (await headers()).get("x-nonce") ?? undefined;
  const { publishableKey, proxyUrl, appUrl } = env();
  return (
    <ClerkProvider
      publishableKey={publishableKey}
      proxyUrl={proxyUrl}
      signInUrl={paths.signIn}
      signUpUrl={paths.signUp}
      signInFallbackRedirectUrl={paths.home}
      signUpFallbackRedirectUrl={paths.home}
      afterSignOutUrl={paths.landing}
      telemetry={false}
      nonce={nonce}
      allowedRedirectOrigins={[appUrl]}
      appearance={clerkAppearance}
    >
      <Impersonation />
      <ApolloProviderWrapper>{children}</ApolloProviderWrapper>
    </ClerkProvider>
  );
}
