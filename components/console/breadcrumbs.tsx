"use client";

import { usePathname } from "next/navigation";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { Link } from "@/components/ui/link";
import { Skeleton } from "@/components/ui/skeleton";
import { paths, trimmedPath } from "@/lib/paths";

const overview = { name: "Overview", href: paths.console };

const sections = [
  { name: "People", href: paths.users },
  { name: "Organizations", href: paths.organizations },
  { name: "Invitations", href: paths.invitations },
  { name: "Bulk acts", href: paths.bulkActs },
  { name: "Audit", href: paths.audit },
  { name: "Deliveries", href: paths.deliveries },
  { name: "Effects", href: paths.effects },
  { name: "Erasures", href: paths.erasures },
  { name: "Archive", href: paths.archive },
  { name: "Sync", href: paths.sync },
];

type PageName = { pathname: string; name: string } | null;

const CrumbContext = createContext<[PageName, (pageName: PageName) => void]>([
  null,
  () => undefined,
]);

/** Wraps the console, so that a page can set the last breadcrumb, which is rendered outside the page. */
export function CrumbProvider({ children }: { children: ReactNode }) {
  const pageName = useState<PageName>(null);
  return <CrumbContext value={pageName}>{children}</CrumbContext>;
}

/** Sets the breadcrumb of the current page. */
export function CrumbName({ name }: { name: string }) {
  const [, setPageName] = useContext(CrumbContext);
  const pathname = trimmedPath(usePathname());
  useEffect(() => setPageName({ pathname, name }), [setPageName, pathname, name]);
  return null;
}

/** Breadcrumbs that are built from the URL. The last breadcrumb of a detail page is the name that {@link CrumbName} sets. */
export function Breadcrumbs() {
  const pathname = trimmedPath(usePathname());
  const [pageName] = useContext(CrumbContext);
  const section = [overview, ...sections].find(
    ({ href }) => pathname === href || (href !== overview.href && pathname.startsWith(`${href}/`)),
  );
  const isDetail = pathname !== section?.href;
  const name = pageName?.pathname === pathname ? pageName.name : null;
  return (
    <nav aria-label="Breadcrumbs" className="min-w-0">
      <ol className="flex items-center gap-2 text-ink-faint">
        <Crumb href={paths.console}>Console</Crumb>
        {section && <Crumb href={isDetail ? section.href : undefined}>{section.name}</Crumb>}
        {isDetail && <Crumb>{name ?? <Skeleton className="h-3 w-24" />}</Crumb>}
      </ol>
    </nav>
  );
}

function Crumb({ href, children }: { href?: string; children: ReactNode }) {
  return (
    <li className="flex shrink-0 items-center gap-2 before:content-['/'] first:before:content-none last:min-w-0 last:shrink">
      {href ? (
        <Link href={href} className="rounded-control hover:text-ink">
          {children}
        </Link>
      ) : (
        <span aria-current="page" dir="auto" className="truncate font-strong text-ink">
          {children}
        </span>
      )}
    </li>
  );
}
