import Link from "next/link";
import type { ReactNode } from "react";
import { Avatar } from "@/components/ui/avatar";

/** The cell that names a row: picture, name that leads to the thing, and what narrow screens lose of the other columns. */
export function NameCell(props: {
  name: string;
  imageUrl: string | null;
  href: string;
  shape?: "person" | "organization";
  note?: string | null;
  children?: ReactNode;
}) {
  const { name, imageUrl, href, shape, note, children } = props;
  return (
    <span className="flex max-w-[min(18rem,52vw)] items-center gap-2.5">
      <Avatar name={name} imageUrl={imageUrl} shape={shape} />
      <span className="min-w-0">
        <span className="flex min-w-0 items-center gap-2 max-md:flex-wrap max-md:gap-y-0.5">
          <Link
            href={href}
            title={name}
            dir="auto"
            className="truncate rounded-control font-strong text-ink hover:underline"
          >
            {name}
          </Link>
          {children}
        </span>
        {note && note !== name && (
          <span className="block truncate text-xs text-ink-faint md:hidden">{note}</span>
        )}
      </span>
    </span>
  );
}
