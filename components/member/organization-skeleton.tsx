import { Loading, Skeleton, SkeletonRows } from "@/components/ui/skeleton";

export function OrganizationSkeleton() {
  return (
    <Loading what="the organization">
      <div className="mx-auto flex max-w-2xl flex-col gap-12">
        <div className="flex flex-col gap-5">
          <Skeleton className="h-5 w-11" />
          <div className="flex items-center gap-5">
            <Skeleton className="size-16" />
            <div className="flex flex-col gap-2">
              <Skeleton className="h-7 w-52" />
              <Skeleton className="h-5 w-24" />
            </div>
          </div>
        </div>
        <div className="flex flex-col gap-4">
          <Skeleton className="h-7 w-24" />
          <SkeletonRows count={3}>
            <Skeleton className="size-10 rounded-full" />
            <div className="flex flex-1 flex-col gap-2">
              <Skeleton className="h-4 w-40" />
              <Skeleton className="h-3 w-52" />
            </div>
            <Skeleton className="h-4 w-16" />
          </SkeletonRows>
        </div>
      </div>
    </Loading>
  );
}
