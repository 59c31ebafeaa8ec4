"use client";

import { usePathname } from "next/navigation";
import { classNames } from "@/components/ui/class-names";
import { Link } from "@/components/ui/link";
import { paths } from "@/lib/paths";

const entries = [
  { name: "Profile", href: paths.account },
  { name: "Sessions", href: paths.accountSessions },
  { name: "Purchases", href: paths.accountPurchases },
  { name: "Your data", href: paths.accountPrivacy },
];

/** Links to the parts of the account. Clerk's profile adds pages below `/account`, such as `/account/security`. */
export function AccountNav() {
  const pathname = usePathname();
  const current = entries.findLast(({ href }) => pathname.startsWith(href));
  return (
    <nav aria-label="Account" className="-mx-1 overflow-x-auto border-b border-line">
      <ul className="flex gap-1 px-1">
        {entries.map((entry) => (
          <li key={entry.href}>
            <Link
              href={entry.href}
              aria-current={entry === current ? "page" : undefined}
              className={classNames(
                "-mb-px flex h-11 items-center border-b-2 px-2 font-strong whitespace-nowrap max-sm:text-md sm:px-3",
                entry === current
                  ? "border-accent text-ink"
                  : "border-transparent text-ink-soft hover:text-ink",
              )}
            >
              {entry.name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
