import type { ReactNode } from "react";

/** Facts in two columns; one where there is no room. */
export function Facts({ children }: { children: ReactNode }) {
  return (
    <dl className="grid gap-x-12 rounded-card border border-line bg-surface px-4 py-1 sm:grid-cols-2">
      {children}
    </dl>
  );
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex min-h-9 items-center justify-between gap-4 border-b border-line last:border-b-0 sm:nth-last-2:odd:border-b-0">
      <dt className="shrink-0 text-ink-faint">{name}</dt>
      <dd className="min-w-0 py-1.5 text-right wrap-anywhere">{children ?? <Unknown />}</dd>
    </div>
  );
}

/** A value that Clerk did not give. */
export function Unknown() {
  return (
    <span className="text-ink-faint">
      <span aria-hidden="true">–</span>
      <span className="sr-only">unknown</span>
    </span>
  );
}
