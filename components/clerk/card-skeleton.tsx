import { classNames } from "@/components/ui/class-names";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { ClerkFallback } from "./fallback";

/** Placeholder for one of Clerk's larger cards while its script loads. */
export function ClerkCardSkeleton({ what, className }: { what: string; className: string }) {
  return (
    <ClerkFallback>
      <Loading what={what}>
        <div
          className={classNames(
            "flex flex-col gap-6 rounded-card border border-line bg-surface p-8",
            className,
          )}
        >
          <Skeleton className="h-6 w-48" />
          <Skeleton className="h-9 w-full" />
          <Skeleton className="h-9 w-full" />
          <Skeleton className="h-9 w-32" />
        </div>
      </Loading>
    </ClerkFallback>
  );
}
