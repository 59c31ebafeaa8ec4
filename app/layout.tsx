import { ClerkProvider } from "@clerk/nextjs";
import { GeistMono } from "geist/font/mono";
import { GeistSans } from "geist/font/sans";
import type { Metadata } from "next";
import { headers } from "next/headers";
import type { ReactNode } from "react";
import { ApolloProviderWrapper } from "@/components/apollo-provider-wrapper";
import { clerkAppearance } from "@/components/clerk/appearance";
import { SkipLink } from "@/components/skip-link";
import { env } from "@/lib/env";
import { paths } from "@/lib/paths";
import "./globals.css";

// Reads keys from the running process, not from the build, so that one image serves every environment.
export const dynamic = "force-dynamic";

export const metadata: Metadata = {
  title: { default: "Rollcall", template: "%s · Rollcall" },
  description: "Your own copy of every user and organization in Clerk.",
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  // From the Content-Security-Policy that the middleware sends. Next reads it itself; Clerk and Apollo need it passed.
  const nonce = (await headers()).get("x-nonce") ?? undefined;
  const { publishableKey, proxyUrl, appUrl } = env();
  return (
    <html lang="en" className={`${GeistSans.variable} ${GeistMono.variable}`}>
      <body>
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
          <SkipLink />
          <ApolloProviderWrapper nonce={nonce}>{children}</ApolloProviderWrapper>
        </ClerkProvider>
      </body>
    </html>
  );
}
