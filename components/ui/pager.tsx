import { ButtonLink } from "./button-link";
import { Icon } from "./icon";

/** Links to the previous and the next page of a list, after the range of rows. A list of one page has only the range. */
export function Pager(props: { previous: string | null; next: string | null; range?: string }) {
  const { previous, next, range } = props;
  const hasPages = previous !== null || next !== null;
  if (!hasPages && !range) return null;
  return (
    <nav aria-label="Pages" className="flex items-center justify-end gap-2">
      {range && <p className="mr-auto text-xs text-ink-faint tabular-nums">{range}</p>}
      {hasPages && (
        <>
          <Step href={previous}>
            <Icon name="chevronLeft" className="-ml-1 size-3.5" />
            Previous
          </Step>
          <Step href={next}>
            Next
            <Icon name="chevronRight" className="-mr-1 size-3.5" />
          </Step>
        </>
      )}
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
