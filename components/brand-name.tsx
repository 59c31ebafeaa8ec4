function BrandMark() {
  return (
    <svg viewBox="0 0 32 32" fill="none" aria-hidden="true" className="size-6 shrink-0">
      <rect width="32" height="32" rx="7" className="fill-accent" />
      <g className="stroke-accent-contrast" strokeLinecap="round" strokeLinejoin="round">
        <path d="M8 10.5h8M8 16h6M8 21.5h4" strokeOpacity=".65" strokeWidth="2.4" />
        <path d="m15.5 20.2 3.4 3.4L25 13.5" strokeWidth="2.8" />
      </g>
    </svg>
  );
}

/** The class names of the link around the logo. */
export const brandClass =
  "inline-flex shrink-0 items-center gap-2.5 rounded-control text-base font-strong text-ink";

/** The logo. `isCompact` hides the name on narrow screens, except from screen readers. */
export function BrandName({ isCompact }: { isCompact?: boolean | undefined }) {
  return (
    <>
      <BrandMark />
      <span className={isCompact ? "max-md:sr-only" : undefined}>Rollcall</span>
    </>
  );
}
