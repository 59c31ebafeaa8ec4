import type { ReactNode } from "react";

/** Shown in place of an empty list: one sentence that says why, and one action. */
export function EmptyState({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-4 rounded-card border border-dashed border-line-strong px-6 py-12 text-center text-ink-soft">
      <p className="max-w-md text-pretty">{children}</p>
      {action}
    </div>
  );
}
