import { notFound } from "next/navigation";
import { type ReactNode, Suspense } from "react";
import { Brand } from "@/components/brand";
import { AccountButton } from "@/components/clerk/account-button";
import { Breadcrumbs, CrumbProvider } from "@/components/console/breadcrumbs";
import { ConsoleMenu } from "@/components/console/console-menu";
import { ConsoleNav } from "@/components/console/console-nav";
import { KnownSyncState } from "@/components/console/known-sync-state";
import { LiveConsole } from "@/components/console/live-console";
import { PaletteButton } from "@/components/console/palette-button";
import { SyncStateLine, SyncStateLink } from "@/components/console/sync-state";
import { ThemeSwitch } from "@/components/console/theme-switch";
import { KeepDrawn } from "@/components/outage/keep-drawn";
import { OutageBar } from "@/components/outage/outage-bar";
import { Badge } from "@/components/ui/badge";
import { Skeleton } from "@/components/ui/skeleton";
import { graphql } from "@/lib/document";
import { env } from "@/lib/env";
import { findSignedInViewer } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { firstQueryAt, query } from "@/lib/query/query";

const consoleQuery = graphql(
  `
    query Console {
      syncState {
        ...SyncStateLine
      }
    }
  `,
  [SyncStateLine],
);

export const metadata = { title: { default: "Console", template: "%s · Rollcall console" } };

export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const viewer = await findSignedInViewer(paths.console);
  if (viewer && !viewer.isAdmin) notFound();
  return (
    <CrumbProvider>
      <div className="min-h-dvh text-sm md:grid md:grid-cols-[13rem_minmax(0,1fr)]">
        <aside className="sticky top-0 flex h-dvh flex-col gap-4 border-r border-line p-3 max-md:hidden">
          <div className="flex h-8 shrink-0 items-center px-2">
            <Brand href={paths.home} isCompact />
          </div>
          <ConsoleNav />
          <ThemeSwitch />
        </aside>
        <div className="flex min-w-0 flex-col">
          <header className="sticky top-0 z-10 flex h-14 items-center gap-4 border-b border-line bg-canvas px-4 max-md:gap-2 md:px-6">
            <ConsoleMenu />
            <Breadcrumbs />
            <LiveConsole dataReadAt={firstQueryAt()} />
            <div className="ml-auto shrink-0">
              <Suspense fallback={<Skeleton className="h-3 w-36 max-md:w-2" />}>
                <CurrentSyncState />
              </Suspense>
            </div>
            <PaletteButton />
            <Environment />
            <AccountButton />
          </header>
          <main id="main" tabIndex={-1} className="w-full max-w-[90rem] flex-1 px-4 py-6 md:px-6">
            {children}
          </main>
        </div>
        <OutageBar />
      </div>
    </CrumbProvider>
  );
}

/** Shows whether the Clerk instance is a production or a development instance, and the host of this app. */
function Environment() {
  const { publishableKey, appUrl } = env();
  const isProduction = publishableKey.startsWith("pk_live_");
  return (
    <span title="Environment" className="flex shrink-0 items-center gap-2.5 max-md:hidden">
      <Badge tone={isProduction ? "warn" : "neutral"}>
        {isProduction ? "Production" : "Development"}
      </Badge>
      <span className="font-mono text-xs text-ink-faint max-lg:hidden">{new URL(appUrl).host}</span>
    </span>
  );
}

async function CurrentSyncState() {
  const drawing = await drawOrReport(async () => {
    const { data } = await query({ query: consoleQuery });
    return <SyncStateLink state={data.syncState} />;
  });
  return (
    <KnownSyncState>
      <KeepDrawn {...drawing} />
    </KnownSyncState>
  );
}
