const keys = [
  { key: "j", does: "next row" },
  { key: "k", does: "previous row" },
  { key: "Enter", does: "open the row beside the list" },
  { key: "x", does: "select the row" },
  { key: "← →", does: "links and buttons of the row" },
  { key: "/", does: "search" },
  { key: "e", does: "export" },
  { key: "Esc", does: "close the row" },
  { key: "?", does: "these keys" },
];

/** Lists the keyboard shortcuts of a list page. */
export function ShortcutsPanel() {
  return (
    <dl aria-label="Keys of the list" className="gap-x-8 sm:columns-3">
      {keys.map(({ key, does }) => (
        <div key={key} className="flex h-8 break-inside-avoid items-center gap-3">
          <dt className="min-w-14">
            <kbd className="rounded-[0.25rem] border border-line px-1.5 font-mono text-xs">
              {key}
            </kbd>
          </dt>
          <dd className="text-ink-soft">{does}</dd>
        </div>
      ))}
    </dl>
  );
}
