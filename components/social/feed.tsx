"use client";

import { Avatar } from "@/components/ui/avatar";
import { ButtonAnchor } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Time } from "@/components/ui/time";
import { type FragmentOf, type ResultOf, readFragment } from "@/lib/document";
import { paths } from "@/lib/paths";
import { FeedFields } from "./feed-fields";

/**
 * Lists the countries that people whom the viewer follows have added to their wishlists. The links load a new document, because
 * they lead to public pages, which lack Clerk's provider.
 */
export function Feed({ viewer }: { viewer: FragmentOf<typeof FeedFields> }) {
  const { feed, profile } = readFragment(FeedFields, viewer);
  const shown = feed.flatMap(({ country, ...item }) => (country ? [{ ...item, country }] : []));
  return (
    <section aria-labelledby="feed" className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h2 id="feed" className="text-lg">
          From people you follow
        </h2>
        <div className="flex flex-wrap gap-2">
          <ButtonAnchor href={paths.wishlist}>Wishlist</ButtonAnchor>
          <ButtonAnchor href={profile ? paths.person(profile.handle) : paths.profileSettings}>
            {profile ? "Your page" : "Choose a handle"}
          </ButtonAnchor>
        </div>
      </div>
      {shown.length > 0 ? (
        <ul className="rounded-card border border-line bg-surface">
          {shown.map((item) => (
            <FeedRow key={item.id} item={item} />
          ))}
        </ul>
      ) : (
        <EmptyState
          action={
            <ButtonAnchor href={paths.countries} size="large">
              See the countries
            </ButtonAnchor>
          }
        >
          {profile && profile.followingCount > 0
            ? "The people you follow have added nothing yet."
            : "You follow no one yet. Open a person’s page and press Follow; what they add appears here."}
        </EmptyState>
      )}
    </section>
  );
}

type Item = ResultOf<typeof FeedFields>["feed"][number];
type Shown = Omit<Item, "country"> & { country: NonNullable<Item["country"]> };

function FeedRow({ item: { createdAt, person, country } }: { item: Shown }) {
  return (
    <li className="flex items-center gap-4 border-b border-line p-4 last:border-b-0">
      <Avatar name={person.name} imageUrl={person.imageUrl} size="medium" />
      <div className="min-w-0 flex-1">
        <p className="wrap-anywhere">
          <a href={paths.person(person.handle)} className="font-strong hover:underline">
            <bdi>{person.name}</bdi>
          </a>{" "}
          added{" "}
          <a href={paths.country(country.slug)} className="font-strong hover:underline">
            {country.name}
          </a>
        </p>
        <p className="text-md text-ink-soft">
          <Time value={createdAt} />
        </p>
      </div>
    </li>
  );
}
