import { ButtonLink } from "./button-link";
import { Icon } from "./icon";

/** Links to the newer and older page of a list. Renders nothing for a list of one page. */
export function Pager({ newer, older }: { newer: string | null; older: string | null }) {
  if (!newer && !older) return null;
  return (
    <nav aria-label="Pages" className="flex justify-end gap-2">
      <Step href={newer}>
        <Icon name="chevronLeft" className="-ml-1 size-3.5" />
        Newer
      </Step>
      <Step href={older}>
        Older
        <Icon name="chevronRight" className="-mr-1 size-3.5" />
      </Step>
    </nav>
  );
}

function Step({ href, children }: { href: string | null; children: React.ReactNode }) {
  if (href) return <ButtonLink href={href}>{children}</ButtonLink>;
  return (
    <span className="inline-flex h-8 items-center gap-1.5 rounded-control border border-line px-3 text-sm font-strong text-ink-faint opacity-55">
      {children}
    </span>
  );
}
