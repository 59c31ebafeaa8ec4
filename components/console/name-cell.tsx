import type { ReactNode } from "react";
import { Avatar } from "@/components/ui/avatar";
import { classNames } from "@/components/ui/class-names";
import { Link } from "@/components/ui/link";
import { Skeleton } from "@/components/ui/skeleton";
import { visibleText } from "@/lib/format";

/** The cell that names a row: picture, and name as a link. Narrow screens also get `note`, in place of hidden columns. */
export function NameCell(props: {
  name: string;
  imageUrl: string | null;
  /** Null for a row without a page of its own. */
  href: string | null;
  shape?: "person" | "organization";
  note?: string | null;
  children?: ReactNode;
}) {
  const { name, imageUrl, href, shape, children } = props;
  const note = visibleText(props.note);
  return (
    <span className="flex items-center gap-2.5">
      <Avatar name={name} imageUrl={imageUrl} shape={shape} />
      <span className="min-w-0">
        <span className="flex min-w-0 items-center gap-2 max-md:flex-wrap max-md:gap-y-0.5">
          {href === null ? (
            <span title={name} dir="auto" className="truncate">
              {name}
            </span>
          ) : (
            <Link
              href={href}
              title={name}
              dir="auto"
              className="truncate rounded-control font-strong text-ink hover:underline"
            >
              {name}
            </Link>
          )}
          {children}
        </span>
        {note && note !== name && (
          <span className="block truncate text-xs text-ink-faint md:hidden">{note}</span>
        )}
      </span>
    </span>
  );
}

export function NameCellSkeleton({ shape = "person" }: { shape?: "person" | "organization" }) {
  return (
    <span className="flex h-6 items-center gap-2.5 max-md:h-9">
      <Skeleton className={classNames("size-6 shrink-0", shape === "person" && "rounded-full")} />
      <Skeleton className="h-3 w-3/5" />
    </span>
  );
}
