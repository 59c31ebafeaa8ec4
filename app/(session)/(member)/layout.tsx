import type { ReactNode } from "react";
import { Brand } from "@/components/brand";
import { AccountButton } from "@/components/clerk/account-button";
import { OrganizationSwitcher } from "@/components/clerk/client-components";
import { SayAccountDeleted } from "@/components/clerk/say-account-deleted";
import { ActionsProvider } from "@/components/intents/actions-provider";
import { OutageBar } from "@/components/outage/outage-bar";
import { ButtonLink } from "@/components/ui/button-link";
import { Skeleton } from "@/components/ui/skeleton";
import { findSignedInViewer } from "@/lib/identity/current-viewer";
import { hasPendingIntents } from "@/lib/intents/pending";
import { paths } from "@/lib/paths";

export default async function MemberLayout({ children }: { children: ReactNode }) {
  // Each page checks the viewer again, with its own path. If the check here refuses the viewer, the response is an HTTP redirect,
  // because streaming has not started yet.
  const viewer = await findSignedInViewer(paths.home);
  return (
    <ActionsProvider isSignedIn hasIntents={await hasPendingIntents()}>
      <div className="min-h-dvh">
        <header className="border-b border-line bg-surface">
          <div className="mx-auto flex h-16 max-w-5xl items-center gap-4 px-4 sm:px-6">
            <Brand href={paths.home} isCompact />
            <div className="ml-auto flex min-w-0 items-center gap-2 sm:gap-4">
              {viewer?.isAdmin && (
                <ButtonLink href={paths.console} variant="quiet">
                  Console
                </ButtonLink>
              )}
              <div className="min-w-0">
                <OrganizationSwitcher
                  createOrganizationMode="navigation"
                  createOrganizationUrl={paths.newOrganization}
                  afterCreateOrganizationUrl={paths.home}
                  afterSelectOrganizationUrl={paths.home}
                  afterSelectPersonalUrl={paths.home}
                  afterLeaveOrganizationUrl={paths.home}
                  fallback={<Skeleton className="h-7 w-36" />}
                />
              </div>
              <AccountButton />
            </div>
          </div>
        </header>
        <main id="main" tabIndex={-1} className="mx-auto max-w-5xl px-4 py-10 sm:px-6 sm:py-14">
          {children}
        </main>
        <OutageBar />
        <SayAccountDeleted />
      </div>
    </ActionsProvider>
  );
}
