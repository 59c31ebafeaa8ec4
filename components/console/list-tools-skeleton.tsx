import { SearchField } from "@/components/ui/search-field";
import { Skeleton } from "@/components/ui/skeleton";

/** The controls above a list while it loads: a field that can be typed into, and the room of the buttons, so that nothing moves. */
export function ListToolsSkeleton({
  searchLabel,
  isExported,
}: {
  searchLabel: string;
  isExported: boolean;
}) {
  return (
    <SearchField label={searchLabel} value="">
      <Skeleton className="h-8 w-[8.2rem]" />
      <Skeleton className="h-8 w-[6.4rem]" />
      <Skeleton className="h-8 w-[5.25rem]" />
      {isExported && <Skeleton className="h-8 w-[5.4rem]" />}
    </SearchField>
  );
}
