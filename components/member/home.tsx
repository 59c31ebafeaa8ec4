"use client";

import dynamic from "next/dynamic";
import { useState } from "react";
import { Feed } from "@/components/social/feed"; // part of the sample product
import { Avatar } from "@/components/ui/avatar";
import { Time } from "@/components/ui/time";
import { FirstRun } from "./first-run";
import type { HomeViewer } from "./home-query";
import { useLiveHome } from "./use-live-home";
import { YourOrganizations } from "./your-organizations";

// Loaded only when another user has signed in on this page.
const HomeSkeleton = dynamic(() => import("./home-skeleton").then((file) => file.HomeSkeleton));
// Loaded only for users who are invited or have just joined an organization.
const InvitationsToAccept = dynamic(() =>
  import("./invitations-to-accept").then((file) => file.InvitationsToAccept),
);

const Welcome = dynamic(() => import("./welcome").then((file) => file.Welcome));

export function Home(props: {
  drawn: HomeViewer;
  dataReadAt: number;
  /** The id of the organization that the user has just joined, from the page's URL. */
  joinedId: string | null;
  areStepsHidden: boolean;
}) {
  const { viewer, refetch } = useLiveHome(props);
  const [joinedId, setJoinedId] = useState(props.joinedId);
  if (!viewer) return <HomeSkeleton />;
  return (
    <div className="mx-auto flex max-w-2xl flex-col gap-12">
      <Profile viewer={viewer} />
      {joinedId !== null && <Welcome viewer={viewer} joinedId={joinedId} />}
      {viewer.invitations.length > 0 && (
        <InvitationsToAccept viewer={viewer} onJoined={setJoinedId} refetch={refetch} />
      )}
      <FirstRun viewer={viewer} isHidden={props.areStepsHidden} />
      <YourOrganizations viewer={viewer} refetch={refetch} />
      <Feed viewer={viewer} /> {/* part of the sample product */}
    </div>
  );
}

function Profile({ viewer }: { viewer: HomeViewer }) {
  const { name, imageUrl, createdAt } = viewer;
  // The second line: the e-mail address or username that is not already displayed as the name.
  const note = [viewer.email, viewer.username].find((text) => text && text !== name);
  return (
    <section aria-labelledby="person" className="flex items-center gap-5">
      <Avatar name={name} imageUrl={imageUrl} size="large" />
      <div className="min-w-0">
        <h1 id="person" className="text-xl wrap-anywhere">
          <bdi>{name}</bdi>
        </h1>
        <p className="flex flex-wrap gap-x-3 text-ink-soft">
          {note && <span className="wrap-anywhere">{note}</span>}
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
