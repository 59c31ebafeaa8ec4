"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { paths } from "@/lib/paths";

const overview = { name: "Overview", href: paths.console };

const sections = [
  { name: "People", href: paths.people },
  { name: "Organizations", href: paths.organizations },
];

/** Where one is, from the URL; a detail page is named by its own heading. */
export function Breadcrumbs() {
  const pathname = usePathname();
  const section =
    sections.find(({ href }) => pathname === href || pathname.startsWith(`${href}/`)) ?? overview;
  const isDetail = pathname !== section.href;
  return (
    <nav aria-label="Breadcrumbs" className="shrink-0">
      <ol className="flex items-center gap-2 text-ink-faint">
        <Crumb href={section === overview ? undefined : paths.console}>Console</Crumb>
        <Crumb href={isDetail ? section.href : undefined}>{section.name}</Crumb>
        {isDetail && <Crumb>Details</Crumb>}
      </ol>
    </nav>
  );
}

function Crumb({ href, children }: { href?: string; children: string }) {
  return (
    <li className="flex items-center gap-2 before:content-['/'] first:before:content-none">
      {href ? (
        <Link href={href} className="rounded-control hover:text-ink">
          {children}
        </Link>
      ) : (
        <span aria-current="page" className="font-strong text-ink">
          {children}
        </span>
      )}
    </li>
  );
}
