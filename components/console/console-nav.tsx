"use client";

import { usePathname } from "next/navigation";
import { classNames } from "@/components/ui/class-names";
import { Icon, type IconName } from "@/components/ui/icon";
import { Link } from "@/components/ui/link";
import { paths, trimmedPath } from "@/lib/paths";

/** The pages of the console, in the order of its side bar. */
export const consolePages: { name: string; href: string; icon: IconName }[] = [
  { name: "Overview", href: paths.console, icon: "overview" },
  { name: "People", href: paths.users, icon: "people" },
  { name: "Organizations", href: paths.organizations, icon: "organizations" },
  { name: "Invitations", href: paths.invitations, icon: "invitations" },
  { name: "Deliveries", href: paths.deliveries, icon: "deliveries" },
  { name: "Effects", href: paths.effects, icon: "effects" },
  { name: "Sync", href: paths.sync, icon: "health" },
  { name: "Bulk acts", href: paths.bulkActs, icon: "bulk" },
  { name: "Audit", href: paths.audit, icon: "audit" },
  { name: "Archive", href: paths.archive, icon: "archive" },
  { name: "Erasures", href: paths.erasures, icon: "erasures" },
];

export function ConsoleNav() {
  const pathname = trimmedPath(usePathname());
  return (
    <nav aria-label="Console" className="min-w-0">
      <ul className="flex flex-col gap-1">
        {consolePages.map(({ name, href, icon }) => {
          const isCurrent = href === paths.console ? pathname === href : pathname.startsWith(href);
          return (
            <li key={href}>
              <Link
                href={href}
                aria-current={isCurrent ? (pathname === href ? "page" : "true") : undefined}
                className={classNames(
                  "flex h-8 items-center gap-2.5 rounded-control px-2.5 whitespace-nowrap",
                  isCurrent
                    ? "bg-sunken font-strong text-ink"
                    : "text-ink-soft hover:bg-sunken hover:text-ink",
                )}
              >
                <Icon name={icon} className="size-4" />
                {name}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
