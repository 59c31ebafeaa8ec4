import { Unknown } from "@/components/ui/facts";
import { Time } from "@/components/ui/time";
import { visibleText } from "@/lib/format";

/** One line of text, truncated at the column's width. Shows the whole text on hover. */
export function TextCell({ text }: { text: string | null }) {
  const shown = visibleText(text);
  if (!shown) return <Unknown />;
  return (
    <span className="block truncate" title={shown}>
      {shown}
    </span>
  );
}

export function TimeCell({ value }: { value: string | null }) {
  return value ? <Time value={value} /> : <Unknown />;
}
