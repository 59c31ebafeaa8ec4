import { Unknown } from "@/components/ui/facts";
import { Time } from "@/components/ui/time";

/** One line of text, cut off where its column ends; the whole text on hover. */
export function TextCell({ text }: { text: string | null }) {
  if (!text) return <Unknown />;
  return (
    <span className="block truncate" title={text}>
      {text}
    </span>
  );
}

export function TimeCell({ value }: { value: string | null }) {
  return value ? <Time value={value} /> : <Unknown />;
}
