/** The viewer's feed, read by one SQL statement however many people the viewer follows. */
import { findCountry } from "../../social/countries";
import { type FeedRow, feedQuery } from "../../social/feed";
import { builder } from "../builder";
import { viewerDbOf } from "../context";
import { graphQLError } from "../errors";
import { Country } from "./country";
import { Profile } from "./profile";
import { Viewer } from "./viewer";

const MAX_FEED = 50;

const FeedItem = builder.objectRef<FeedRow>("FeedItem").implement({
  description: "A country that a followed person has put on their wishlist.",
  authScopes: { viewer: true },
  fields: (t) => ({
    id: t.exposeID("itemId", { nullable: false }),
    createdAt: t.expose("addedAt", { type: "DateTime", nullable: false }),
    person: t.field({ type: Profile, nullable: false, resolve: (row) => row }),
    country: t.field({
      type: Country,
      description: "Null when the catalogue no longer has it.",
      resolve: ({ countryId }) => findCountry(countryId),
    }),
  }),
});

builder.objectField(Viewer, "feed", (t) =>
  t.field({
    type: [FeedItem],
    nullable: false,
    description: `What the people whom the viewer follows added lately, newest first. At most ${MAX_FEED} items.`,
    args: { first: t.arg.int({ required: true, defaultValue: 20 }) },
    resolve: ({ user }, { first }, context) => {
      if (first < 0 || first > MAX_FEED)
        throw graphQLError("BAD_USER_INPUT", `A feed has 0 to ${MAX_FEED} items.`);
      return viewerDbOf(context).$queryRaw<FeedRow[]>(feedQuery(user.id, first));
    },
  }),
);
