import { expect, test } from "vitest";
import { allCountries, findCountry, findCountryBySlug } from "./countries";

test("the catalogue lists every country once, sorted by name, with a unique slug", () => {
  const countries = allCountries();
  expect(countries.length).toBeGreaterThan(240);
  expect(new Set(countries.map(({ slug }) => slug)).size).toBe(countries.length);
  for (const { id, slug } of countries) {
    expect(id).toMatch(/^[A-Z]{2}$/);
    expect(slug).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  }
  expect(countries[0]?.name).toBe("Afghanistan");
});

test("a country is found by its code and by its slug", () => {
  expect(findCountry("PT")).toMatchObject({
    name: "Portugal",
    capital: "Lisbon",
    continent: "Europe",
    languages: ["Portuguese"],
    currencies: ["EUR"],
  });
  expect(findCountryBySlug("cote-d-ivoire") ?? findCountryBySlug("ivory-coast")).toMatchObject({
    id: "CI",
  });
  expect(findCountryBySlug("aland")).toMatchObject({ id: "AX" });
});

test("findCountry and findCountryBySlug return undefined for an unknown code or slug", () => {
  expect(findCountry("ZZ")).toBeUndefined();
  expect(findCountry("constructor")).toBeUndefined();
  expect(findCountryBySlug("atlantis")).toBeUndefined();
});
