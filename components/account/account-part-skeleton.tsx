import { Loading, Skeleton } from "@/components/ui/skeleton";

/** Placeholder for a part of the account while its data loads. */
export function AccountPartSkeleton() {
  return (
    <Loading what="your account">
      <div className="flex flex-col gap-4">
        <Skeleton className="h-7 w-32" />
        <Skeleton className="h-12 w-full max-w-xl" />
        <Skeleton className="h-20 w-full" />
        <Skeleton className="h-20 w-full" />
      </div>
    </Loading>
  );
}
