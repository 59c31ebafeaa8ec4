import type { ReactNode } from "react";

/** Labelled values in two columns, or in one column on narrow screens. */
export function Facts({ children }: { children: ReactNode }) {
  return (
    <dl className="grid gap-x-12 rounded-card border border-line bg-surface px-4 py-1 sm:grid-cols-2">
      {children}
    </dl>
  );
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex min-h-9 items-center gap-4 border-b border-line last:border-b-0 sm:nth-last-2:odd:border-b-0">
      <dt className="w-32 shrink-0 text-ink-faint">{name}</dt>
      <dd className="min-w-0 flex-1 py-1.5 wrap-anywhere">{children ?? <Unknown />}</dd>
    </div>
  );
}

/** A dash, shown for a value that is null. */
export function Unknown() {
  return (
    <span className="text-ink-faint">
      <span aria-hidden="true">–</span>
      <span className="sr-only">unknown</span>
    </span>
  );
}
