import { Loading, Skeleton } from "@/components/ui/skeleton";

export default function WishlistLoading() {
  return (
    <Loading what="your wishlist">
      <div className="mx-auto flex max-w-2xl flex-col gap-8">
        <Skeleton className="h-9 w-40" />
        <div className="rounded-card border border-line bg-surface">
          {["first", "second", "third"].map((row) => (
            <div
              key={row}
              className="flex items-center gap-4 border-b border-line p-4 last:border-b-0"
            >
              <Skeleton className="size-10" />
              <div className="flex flex-1 flex-col gap-2">
                <Skeleton className="h-4 w-40" />
                <Skeleton className="h-3 w-28" />
              </div>
              <Skeleton className="h-8 w-36" />
            </div>
          ))}
        </div>
      </div>
    </Loading>
  );
}
