const codeClass = "rounded-control bg-sunken px-1 font-mono text-xs whitespace-nowrap";

/** Shows the remedy of a problem. Renders text between backticks as code. */
export function Remedy({ text }: { text: string }) {
  return text.split("`").map((part, index) =>
    index % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text, never reordered
      <code key={index} className={codeClass}>
        {part}
      </code>
    ) : (
      part
    ),
  );
}
