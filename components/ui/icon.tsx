const shapes = {
  archive: "M2 3h12v3H2zM3 6v7.5h10V6M6.5 8.5h3",
  audit: "M3.5 2.5h9v11h-9zM6 5.5h4M6 8h4m-4 2.5h2",
  bookmark: "M4 2.5h8v11l-4-3-4 3z",
  bulk: "M2.5 3h3v3h-3zM2.5 10h3v3h-3zM8 4.5h5.5M8 11.5h5.5",
  check: "m3.5 8.5 3 3 6-7",
  chevronLeft: "m10 3.5-4.5 4.5 4.5 4.5",
  chevronRight: "m6 3.5 4.5 4.5-4.5 4.5",
  close: "m4 4 8 8m0-8-8 8",
  columns: "M2.5 3h11v10h-11zM6.2 3v10m3.6-10v10",
  copy: "M6 6h6.5v6.5H6zM3.5 10V3.5H10",
  deliveries: "M8 2v7.5m0 0 3-3m-3 3-3-3M2.5 10v3.5h11V10",
  effects: "m9 1.5-5.5 8H8l-1 5 5.5-8H8z",
  erasures: "M2.5 4.5h11m-7 0v-2h3v2m-5 0 .5 9h6l.5-9M6.7 7v4m2.6-4v4",
  download: "M8 2.5v8m0 0 3-3m-3 3-3-3M3 13.5h10",
  filter: "M2.5 4.5h11M4.5 8h7m-5 3.5h3",
  arrowDown: "M8 3v10m0 0 3.5-3.5M8 13 4.5 9.5",
  arrowUp: "M8 13V3m0 0L4.5 6.5M8 3l3.5 3.5",
  health: "M1.5 8.5h3L6.5 3.5l3 9 2-4h3",
  organizations: "M2.5 13.5v-9h6v9m0-6h5v6M1.5 13.5h13M5 7h1M5 10h1m5 0h.5",
  overview: "M2.5 2.5h4.5v4.5H2.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5H2.5zM9 9h4.5v4.5H9z",
  people:
    "M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Zm-4.5 6c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4m0-11a2.5 2.5 0 0 1 0 5m1.5 2.3c1.5.5 2.5 1.8 2.5 3.7",
  invitations: "M2 4h12v8.5H2zm0 .5 6 4.5 6-4.5",
  menu: "M2.5 4.5h11M2.5 8h11m-11 3.5h11",
  minus: "M4 8h8",
  plus: "M8 3v10M3 8h10",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9Zm3.3-1.2 3.2 3.2",
} as const;

export type IconName = keyof typeof shapes;

/** An icon, hidden from assistive technology: the text next to it, or the name of its control, must say the same. */
export function Icon({ name, className = "size-4" }: { name: IconName; className?: string }) {
  return (
    <svg
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      className={`shrink-0 ${className}`}
    >
      <path d={shapes[name]} />
    </svg>
  );
}
