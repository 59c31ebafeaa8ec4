import { CountryCard, CountryCardFields } from "@/components/social/country-card";
import { graphql } from "@/lib/document";
import { query } from "@/lib/query/query";

export const metadata = {
  title: "Countries",
  description: "Every country of the world, and the ones you want to visit.",
};

const countriesQuery = graphql(
  `
    query Countries {
      countries {
        id
        continent
        ...CountryCardFields
      }
    }
  `,
  [CountryCardFields],
);

const anchorOf = (continent: string) => continent.toLowerCase().replaceAll(" ", "-");

export default async function CountriesPage() {
  const { countries } = (await query({ query: countriesQuery })).data;
  const continents = [...new Set(countries.map(({ continent }) => continent))].sort();
  return (
    <div className="flex flex-col gap-12">
      <div className="flex flex-col gap-4">
        <h1 className="text-xl">Where to next?</h1>
        <p className="max-w-xl text-pretty text-ink-soft">
          {countries.length} countries and territories. Put the ones you want to visit on your
          wishlist.
        </p>
        <nav aria-label="Continents" className="flex flex-wrap gap-x-4 gap-y-2">
          {continents.map((continent) => (
            <a
              key={continent}
              href={`#${anchorOf(continent)}`}
              className="rounded-control text-md font-strong text-accent hover:text-accent-strong"
            >
              {continent}
            </a>
          ))}
        </nav>
      </div>
      {continents.map((continent) => (
        <section
          key={continent}
          aria-labelledby={anchorOf(continent)}
          className="flex flex-col gap-4"
        >
          <h2 id={anchorOf(continent)} className="scroll-mt-6 text-lg">
            {continent}
          </h2>
          <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
            {countries
              .filter((country) => country.continent === continent)
              .map((country) => (
                <CountryCard key={country.id} country={country} />
              ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
