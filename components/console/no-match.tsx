import { ButtonLink } from "@/components/ui/button-link";
import { EmptyState } from "@/components/ui/empty-state";

/** Shown when a search or filter has no results. `what`: the plural of the searched objects, like "people". */
export function NoMatch(props: { what: string; words: string; clearedHref: string }) {
  const { what, words, clearedHref } = props;
  if (!words) {
    return (
      <EmptyState action={<ButtonLink href={clearedHref}>Clear filters</ButtonLink>}>
        No {what} match these filters.
      </EmptyState>
    );
  }
  return (
    <EmptyState action={<ButtonLink href={clearedHref}>Clear search</ButtonLink>}>
      No {what} match “<strong className="font-strong text-ink wrap-anywhere">{words}</strong>”.
      Results must contain every word.
    </EmptyState>
  );
}
