import { Button } from "@/components/ui/button";
import { ButtonLink } from "@/components/ui/button-link";
import { EmptyState } from "@/components/ui/empty-state";

const minute = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "medium",
  timeStyle: "medium",
  timeZone: "UTC",
});

/** A bar which says that the page shows a past state, with a link to the current state. */
export function AsOfBar({ asOf, nowHref }: { asOf: string; nowHref: string }) {
  return (
    <div
      role="status"
      className="flex flex-wrap items-center justify-between gap-3 rounded-card bg-wait-quiet px-4 py-2 text-wait"
    >
      <p>
        <span className="font-strong">As of {minute.format(Date.parse(asOf))} UTC.</span> Read-only:
        Clerk owns the object, and nothing can be restored from here.
      </p>
      <ButtonLink href={nowHref}>Back to now</ButtonLink>
    </div>
  );
}

/** A form that opens the page as of a time. It works without a script. */
export function AsOfForm({ path }: { path: string }) {
  return (
    <form action={path} className="flex flex-wrap items-center gap-2">
      <label className="flex items-center gap-2 text-ink-soft">
        View as of (UTC)
        <input
          type="datetime-local"
          name="asOf"
          required
          className="h-8 rounded-control border border-line-strong bg-surface px-2 text-ink"
        />
      </label>
      <Button type="submit">View</Button>
    </form>
  );
}

/** What a page as of a time shows when no version of then is stored. */
export function NoVersion({ isDeleted }: { isDeleted: boolean }) {
  return (
    <EmptyState>
      {isDeleted
        ? "It was deleted by then."
        : "Rollcall stores no version of then. It may not have existed, or the mirror was younger."}
    </EmptyState>
  );
}
