/** The first focusable element of every page. Skips the header, to `<main id="main">`. */
export function SkipLink() {
  return (
    <a
      href="#main"
      className="sr-only z-20 rounded-control bg-accent text-sm font-strong text-accent-contrast focus:not-sr-only focus:fixed focus:top-3 focus:left-3 focus:px-3 focus:py-2"
    >
      Skip to content
    </a>
  );
}
