import { Icon } from "./icon";
import { Link } from "./link";

/** An active filter of a list. A click removes it. `removes` is its accessible label. */
export function Chip({ href, label, removes }: { href: string; label: string; removes: string }) {
  return (
    <Link
      href={href}
      aria-label={removes}
      className="inline-flex h-6 max-w-80 items-center gap-1.5 rounded-full bg-sunken px-2.5 text-xs text-ink-soft hover:text-ink"
    >
      <span className="truncate">{label}</span>
      <Icon name="close" className="size-3 shrink-0" />
    </Link>
  );
}
