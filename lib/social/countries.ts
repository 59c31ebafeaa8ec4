/** The catalogue of countries (ISO 3166-1), from the package countries-list. It is in memory, without network or table. */
import { continents, getCountryDataList, languages } from "countries-list";

export type Country = {
  /** ISO 3166-1 alpha-2, such as PT. */
  id: string;
  /** The last segment of the country's URL. */
  slug: string;
  name: string;
  /** The name in the country's first language. */
  nativeName: string;
  capital: string | null;
  continent: string;
  languages: string[];
  /** ISO 4217 codes. */
  currencies: string[];
};

function slugOf(name: string): string {
  return name
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
}

function toCountry(data: ReturnType<typeof getCountryDataList>[number]): Country {
  return {
    id: data.iso2,
    slug: slugOf(data.name),
    name: data.name,
    nativeName: data.native,
    capital: data.capital || null,
    continent: continents[data.continent],
    languages: data.languages.map((code) => languages[code].name),
    currencies: [...data.currency],
  };
}

const byName: readonly Country[] = getCountryDataList()
  .map(toCountry)
  .sort((a, b) => a.name.localeCompare(b.name, "en"));

const byId = new Map(byName.map((country) => [country.id, country]));
const bySlug = new Map(byName.map((country) => [country.slug, country]));

/** Returns all countries, sorted by name. */
export function allCountries(): readonly Country[] {
  return byName;
}

export function findCountry(id: string): Country | undefined {
  return byId.get(id);
}

export function findCountryBySlug(slug: string): Country | undefined {
  return bySlug.get(slug);
}
