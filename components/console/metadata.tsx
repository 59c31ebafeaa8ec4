import { visibleText } from "@/lib/format";

type Part = { title: string; note?: string; value: unknown };

/** Shows metadata as JSON. The API never returns private metadata, so it is never shown. */
export function Metadata({ parts }: { parts: Part[] }) {
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      {parts.map((part) => (
        <MetadataPart key={part.title} {...part} />
      ))}
    </div>
  );
}

function MetadataPart({ title, note, value }: Part) {
  const text = isEmpty(value) ? null : JSON.stringify(value, null, 2);
  return (
    <figure className="flex min-w-0 flex-col rounded-card border border-line bg-surface">
      <figcaption className="flex min-h-9 flex-wrap items-center gap-x-3 border-b border-line px-4 py-1.5">
        <span className="font-strong">{title}</span>
        {note && <span className="text-xs text-ink-faint">{note}</span>}
      </figcaption>
      {visibleText(text) ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <pre tabIndex={0} dir="auto" className="max-h-80 overflow-auto px-4 py-3 font-mono text-xs">
          {text}
        </pre>
      ) : (
        <p className="px-4 py-3 text-ink-faint">Empty</p>
      )}
    </figure>
  );
}

function isEmpty(value: unknown): boolean {
  return (
    value === null ||
    value === undefined ||
    (typeof value === "object" && Object.keys(value).length === 0)
  );
}
