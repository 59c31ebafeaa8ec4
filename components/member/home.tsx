"use client";

import { Feed } from "@/components/social/feed"; // sample product
import { Avatar } from "@/components/ui/avatar";
import { Time } from "@/components/ui/time";
import type { HomeViewer } from "./home-query";
import { HomeSkeleton } from "./home-skeleton";
import { useLiveHome } from "./use-live-home";
import { YourOrganizations } from "./your-organizations";

export function Home(props: { drawn: HomeViewer; dataReadAt: number }) {
  const { viewer, refetch } = useLiveHome(props);
  if (!viewer) return <HomeSkeleton />;
  return (
    <div className="mx-auto flex max-w-2xl flex-col gap-12">
      <Profile viewer={viewer} />
      <YourOrganizations viewer={viewer} refetch={refetch} />
      <Feed viewer={viewer} /> {/* sample product */}
    </div>
  );
}

function Profile({ viewer: { name, email, imageUrl, createdAt } }: { viewer: HomeViewer }) {
  return (
    <section aria-labelledby="person" className="flex items-center gap-5">
      <Avatar name={name} imageUrl={imageUrl} size="large" />
      <div className="min-w-0">
        <h1 id="person" className="text-xl wrap-anywhere">
          <bdi>{name}</bdi>
        </h1>
        <p className="flex flex-wrap gap-x-3 text-ink-soft">
          {email && email !== name && <span className="wrap-anywhere">{email}</span>}
          {createdAt && (
            <span>
              Member since <Time value={createdAt} as="day" />
            </span>
          )}
        </p>
      </div>
    </section>
  );
}
