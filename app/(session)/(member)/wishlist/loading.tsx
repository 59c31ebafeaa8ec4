import { Loading, Skeleton, SkeletonRows } from "@/components/ui/skeleton";

export default function WishlistLoading() {
  return (
    <Loading what="your wishlist">
      <div className="mx-auto flex max-w-2xl flex-col gap-8">
        <Skeleton className="h-9 w-40" />
        <SkeletonRows count={3}>
          <Skeleton className="size-10" />
          <div className="flex flex-1 flex-col gap-2">
            <Skeleton className="h-4 w-40" />
            <Skeleton className="h-3 w-28" />
          </div>
          <Skeleton className="h-8 w-36" />
        </SkeletonRows>
      </div>
    </Loading>
  );
}
