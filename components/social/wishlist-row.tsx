import { Link } from "@/components/ui/link";
import { Time } from "@/components/ui/time";
import { type FragmentOf, graphql, readFragment } from "@/lib/document";
import { paths } from "@/lib/paths";
import { CountryMark } from "./country-card";
import { WishButton } from "./wish-button";

export const WishlistRowFields = graphql(`
  fragment WishlistRowFields on WishlistItem {
    id
    createdAt
    country {
      id
      slug
      name
    }
  }
`);

export function WishlistRow({ item }: { item: FragmentOf<typeof WishlistRowFields> }) {
  const { createdAt, country } = readFragment(WishlistRowFields, item);
  if (!country) return null;
  return (
    <li className="flex flex-wrap items-center gap-4 border-b border-line p-4 last:border-b-0">
      <CountryMark id={country.id} />
      <div className="min-w-0 flex-1">
        <Link
          href={paths.country(country.slug)}
          className="font-strong wrap-anywhere hover:underline"
        >
          {country.name}
        </Link>
        {createdAt && (
          <p className="text-md text-ink-soft">
            Added <Time value={createdAt} />
          </p>
        )}
      </div>
      <WishButton countryId={country.id} name={country.name} isWished />
    </li>
  );
}
