import { Loading, Skeleton, SkeletonRows } from "@/components/ui/skeleton";

export function HomeSkeleton() {
  return (
    <Loading what="your home page">
      <div className="mx-auto flex max-w-2xl flex-col gap-12">
        <div className="flex items-center gap-5">
          <Skeleton className="size-16 rounded-full" />
          <div className="flex flex-col gap-2">
            <Skeleton className="h-7 w-52" />
            <Skeleton className="h-5 w-64 max-w-full" />
          </div>
        </div>
        <Section titleWidth="w-44" />
        <Section titleWidth="w-56" /> {/* part of the sample product */}
      </div>
    </Loading>
  );
}

function Section({ titleWidth }: { titleWidth: string }) {
  return (
    <div className="flex flex-col gap-4">
      <div className="flex h-8 items-center justify-between">
        <Skeleton className={`h-6 ${titleWidth}`} />
        <Skeleton className="h-8 w-36" />
      </div>
      <SkeletonRows count={2}>
        <Skeleton className="size-10" />
        <div className="flex h-11 flex-1 flex-col justify-center gap-2">
          <Skeleton className="h-4 w-40" />
          <Skeleton className="h-3 w-28" />
        </div>
      </SkeletonRows>
    </div>
  );
}
