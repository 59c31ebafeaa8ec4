"use client";

import { ClerkProvider } from "@clerk/nextjs";

export type ClerkSettings = {
  publishableKey: string;
  proxyUrl?: string;
  signInUrl: string;
  signUpUrl: string;
  nonce?: string;
};

/** Loads Clerk's script, which renews the session cookie. For public pages, which have no Clerk component. */
export function SessionKeeper({ settings }: { settings: ClerkSettings }) {
  return (
    <ClerkProvider {...settings} telemetry={false}>
      {null}
    </ClerkProvider>
  );
}
