"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { Skeleton } from "@/components/ui/skeleton";
import { paths } from "@/lib/paths";

const overview = { name: "Overview", href: paths.console };

const sections = [
  { name: "People", href: paths.users },
  { name: "Organizations", href: paths.organizations },
  { name: "Health", href: paths.health },
];

type Named = { pathname: string; name: string } | null;

const CrumbContext = createContext<[Named, (named: Named) => void]>([null, () => undefined]);

/** Around the console: lets a page tell its name to the bar above it. */
export function CrumbProvider({ children }: { children: ReactNode }) {
  const named = useState<Named>(null);
  return <CrumbContext value={named}>{children}</CrumbContext>;
}

/** What the page at this address is called in the breadcrumbs. */
export function CrumbName({ name }: { name: string }) {
  const [, tell] = useContext(CrumbContext);
  const pathname = usePathname();
  useEffect(() => tell({ pathname, name }), [tell, pathname, name]);
  return null;
}

/** Where one is, from the URL; the last crumb of a detail page is what it says it is called. */
export function Breadcrumbs() {
  const pathname = usePathname();
  const [named] = useContext(CrumbContext);
  const section =
    sections.find(({ href }) => pathname === href || pathname.startsWith(`${href}/`)) ?? overview;
  const isDetail = pathname !== section.href;
  const name = named?.pathname === pathname ? named.name : null;
  return (
    <nav aria-label="Breadcrumbs" className="min-w-0">
      <ol className="flex items-center gap-2 text-ink-faint">
        <Crumb href={paths.console}>Console</Crumb>
        <Crumb href={isDetail ? section.href : undefined}>{section.name}</Crumb>
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
