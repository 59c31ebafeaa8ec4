import { Loading, Skeleton } from "@/components/ui/skeleton";

export default function ProfileSettingsLoading() {
  return (
    <Loading what="your profile">
      <div className="mx-auto flex max-w-2xl flex-col gap-8">
        <Skeleton className="h-9 w-40" />
        <Skeleton className="h-20 w-full" />
        <Skeleton className="h-32 w-full" />
        <Skeleton className="h-40 w-full" />
        <Skeleton className="h-11 w-32" />
      </div>
    </Loading>
  );
}
