/** The catalogue of countries. It is public, except for which countries are on the viewer's own wishlist. */
import {
  allCountries,
  type Country as CountryShape,
  findCountryBySlug,
} from "../../social/countries";
import { builder } from "../builder";
import { viewerDbOf } from "../context";
import { FieldLoaders } from "./batch-load";

const wished = new FieldLoaders<true>();

export const Country = builder.objectRef<CountryShape>("Country").implement({
  description: "A country of the catalogue. Public.",
  authScopes: { anyone: true },
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false, description: "ISO 3166-1 alpha-2, such as PT." }),
    slug: t.exposeString("slug", { nullable: false }),
    name: t.exposeString("name", { nullable: false }),
    nativeName: t.exposeString("nativeName", { nullable: false }),
    capital: t.exposeString("capital"),
    continent: t.exposeString("continent", { nullable: false }),
    languages: t.exposeStringList("languages", { nullable: false }),
    currencies: t.exposeStringList("currencies", { nullable: false, description: "ISO 4217." }),
    isWished: t.boolean({
      nullable: false,
      description: "Whether it is on the viewer's wishlist; false for a guest.",
      resolve: async ({ id }, _args, context, info) => {
        const { viewer } = context.authentication;
        if (!viewer) return false;
        const found = await wished.load(context, info.fieldNodes, id, async (countryIds) => {
          const items = await viewerDbOf(context).wishlistItem.findMany({
            select: { countryId: true },
            where: { userId: viewer.user.id, countryId: { in: [...countryIds] } },
          });
          return new Map(items.map(({ countryId }) => [countryId, true]));
        });
        return found === true;
      },
    }),
  }),
});

builder.queryFields((t) => ({
  countries: t.field({
    type: [Country],
    nullable: false,
    description: "All countries, by name. Public.",
    authScopes: { anyone: true },
    extensions: { listLength: allCountries().length },
    resolve: () => [...allCountries()],
  }),
  country: t.field({
    type: Country,
    description: "The country with this slug. Public.",
    authScopes: { anyone: true },
    args: { slug: t.arg.string({ required: true }) },
    resolve: (_root, { slug }) => findCountryBySlug(slug),
  }),
}));
