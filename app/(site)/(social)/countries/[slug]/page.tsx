import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { CountryMark } from "@/components/social/country-card";
import { WishButton } from "@/components/social/wish-button";
import { Fact, Facts } from "@/components/ui/facts";
import { Link } from "@/components/ui/link";
import { graphql } from "@/lib/document";
import { paths } from "@/lib/paths";
import { query } from "@/lib/query/query";

const countryQuery = graphql(`
  query Country($slug: String!) {
    country(slug: $slug) {
      id
      name
      nativeName
      capital
      continent
      languages
      currencies
      isWished
    }
  }
`);

const findCountry = cache(
  async (slug: string) => (await query({ query: countryQuery, variables: { slug } })).data.country,
);

type Props = PageProps<"/countries/[slug]">;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const country = await findCountry((await params).slug);
  if (!country) return { title: "Not found" };
  return { title: country.name, description: `${country.name}, ${country.continent}` };
}

export default async function CountryPage({ params }: Props) {
  const country = await findCountry((await params).slug);
  if (!country) notFound();
  const { id, name, nativeName, capital, continent, languages, currencies, isWished } = country;
  return (
    <article className="flex max-w-2xl flex-col gap-8">
      <Link
        href={paths.countries}
        className="self-start text-md text-ink-soft hover:text-ink hover:underline"
      >
        All countries
      </Link>
      <div className="flex items-center gap-4">
        <CountryMark id={id} />
        <div className="min-w-0">
          <h1 className="text-xl wrap-anywhere">{name}</h1>
          {nativeName !== name && (
            <p className="text-ink-soft">
              <bdi>{nativeName}</bdi>
            </p>
          )}
        </div>
      </div>
      <div>
        <WishButton countryId={id} name={name} isWished={isWished} size="large" />
      </div>
      <Facts>
        <Fact name="Continent">{continent}</Fact>
        <Fact name="Capital">{capital}</Fact>
        <Fact name="Languages">{languages.join(", ") || null}</Fact>
        <Fact name="Currencies">{currencies.join(", ") || null}</Fact>
      </Facts>
    </article>
  );
}
