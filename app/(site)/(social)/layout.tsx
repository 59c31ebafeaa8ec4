import type { Metadata } from "next";
import { headers } from "next/headers";
import type { ReactNode } from "react";
import { KeepSession } from "@/components/clerk/keep-session";
import { ActionsProvider } from "@/components/intents/actions-provider";
import { SiteHeader } from "@/components/social/site-header";
import { env } from "@/lib/env";
import { currentViewer } from "@/lib/identity/current-viewer";
import { hasPendingIntents } from "@/lib/intents/pending";
import { paths } from "@/lib/paths";

/** The pictures for shared links need an absolute URL. */
export function generateMetadata(): Metadata {
  return { metadataBase: new URL(env().appUrl) };
}

/**
 * The layout of the public pages. A guest loads neither Clerk nor Apollo. A signed-in viewer's browser loads Clerk's script after
 * the page.
 */
export default async function SocialLayout({ children }: { children: ReactNode }) {
  const { viewer } = await currentViewer();
  const { publishableKey, proxyUrl } = env();
  const nonce = (await headers()).get("x-nonce") ?? undefined;
  return (
    <ActionsProvider isSignedIn={viewer !== null} hasIntents={await hasPendingIntents()}>
      <SiteHeader user={viewer?.user ?? null} />
      <main id="main" tabIndex={-1} className="mx-auto max-w-5xl px-4 py-10 sm:px-6 sm:py-14">
        {children}
      </main>
      {viewer && (
        <KeepSession
          settings={{
            publishableKey,
            proxyUrl,
            nonce,
            signInUrl: paths.signIn,
            signUpUrl: paths.signUp,
          }}
        />
      )}
    </ActionsProvider>
  );
}
