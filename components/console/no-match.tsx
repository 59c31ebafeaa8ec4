import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";

export function NoMatch({ words, clearedHref }: { words: string; clearedHref: string }) {
  return (
    <EmptyState action={<ButtonLink href={clearedHref}>Clear search</ButtonLink>}>
      Nothing matches <strong className="font-strong text-ink wrap-anywhere">{words}</strong>. A
      search looks for every word.
    </EmptyState>
  );
}
