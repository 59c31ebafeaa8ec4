import { Link } from "@/components/ui/link";

export type SubPage = { name: string; label: string; href: string };

/** Links between the pages of one section, such as the two lists of invitations. Looks like tabs, but each link opens a page. */
export function SubPages(props: { label: string; pages: SubPage[]; current: string }) {
  return (
    <nav aria-label={props.label} className="overflow-x-auto border-b border-line">
      <ul className="flex gap-1">
        {props.pages.map(({ name, label, href }) => (
          <li key={name}>
            <Link
              href={href}
              aria-current={name === props.current ? "page" : undefined}
              className="flex h-9 items-center border-b-2 border-transparent px-2.5 whitespace-nowrap text-ink-soft hover:text-ink focus-visible:-outline-offset-2 aria-[current]:border-accent aria-[current]:font-strong aria-[current]:text-ink"
            >
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
