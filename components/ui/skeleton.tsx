import { classNames } from "./class-names";

/** A grey bar in place of text that is loading. */
export function Skeleton({ className }: { className: string }) {
  return (
    <span
      aria-hidden="true"
      className={classNames("block animate-pulse rounded-control bg-line", className)}
    />
  );
}

/** Placeholder for a list in a card: `children` in each of `count` rows. */
export function SkeletonRows({ count, children }: { count: 2 | 3; children: React.ReactNode }) {
  return (
    <div className="rounded-card border border-line bg-surface">
      {["first", "second", "third"].slice(0, count).map((row) => (
        <div key={row} className="flex items-center gap-4 border-b border-line p-4 last:border-b-0">
          {children}
        </div>
      ))}
    </div>
  );
}

/** Wraps skeletons and announces to screen readers what is loading. */
export function Loading({ what, children }: { what: string; children: React.ReactNode }) {
  return (
    <div aria-busy="true">
      <p role="status" className="sr-only">
        Loading {what}
      </p>
      {children}
    </div>
  );
}
