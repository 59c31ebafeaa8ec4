import { Link } from "@/components/ui/link";
import { type FragmentOf, graphql, readFragment } from "@/lib/document";
import { paths } from "@/lib/paths";

export const CountryCardFields = graphql(`
  fragment CountryCardFields on Country {
    id
    slug
    name
    capital
    isWished
  }
`);

export function CountryCard({ country }: { country: FragmentOf<typeof CountryCardFields> }) {
  const { id, slug, name, capital, isWished } = readFragment(CountryCardFields, country);
  return (
    <li>
      <Link
        href={paths.country(slug)}
        className="flex h-full items-center gap-4 rounded-card border border-line bg-surface p-4 hover:border-line-strong"
      >
        <CountryMark id={id} />
        <span className="min-w-0">
          <span className="block font-strong wrap-anywhere">{name}</span>
          <span className="block text-md text-ink-soft">
            {isWished ? "On your wishlist" : (capital ?? "No capital")}
          </span>
        </span>
      </Link>
    </li>
  );
}

/** The country's code, in place of a flag: not every system has a font with flags. */
export function CountryMark({ id }: { id: string }) {
  return (
    <span
      aria-hidden="true"
      className="grid size-10 shrink-0 place-items-center rounded-control bg-accent-quiet font-mono text-md text-accent"
    >
      {id}
    </span>
  );
}
