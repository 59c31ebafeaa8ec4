import { Avatar } from "@/components/ui/avatar";
import { Badge } from "@/components/ui/badge";
import { ButtonAnchor } from "@/components/ui/button";
import { Link } from "@/components/ui/link";
import { type FragmentOf, graphql, readFragment } from "@/lib/document";
import { formatCount } from "@/lib/format";
import { paths } from "@/lib/paths";
import { FollowButton } from "./follow-button";
import { ProfileActionButton } from "./profile-action-button";

export const ProfileHeaderFields = graphql(`
  fragment ProfileHeaderFields on Profile {
    id
    handle
    name
    imageUrl
    bio
    isPrivate
    isOwn
    isReadable
    isBlocked
    followState
    followersCount
    followingCount
  }
`);

/** The head of a profile, with the buttons that this viewer may use. Guests get no Block button, because it needs an account. */
export function ProfileHeader(props: {
  profile: FragmentOf<typeof ProfileHeaderFields>;
  isGuest: boolean;
}) {
  const profile = readFragment(ProfileHeaderFields, props.profile);
  const { handle, name, imageUrl, bio, isPrivate, isReadable } = profile;
  const { followersCount, followingCount } = profile;
  return (
    <header className="flex flex-col gap-6">
      <div className="flex items-center gap-5">
        <Avatar name={name} imageUrl={imageUrl} size="large" />
        <div className="min-w-0">
          <h1 className="text-xl wrap-anywhere">
            <bdi>{name}</bdi>
          </h1>
          <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-ink-soft">
            <span className="wrap-anywhere">@{handle}</span>
            {isPrivate && <Badge tone="neutral">Private</Badge>}
          </p>
        </div>
      </div>
      {bio && (
        <p className="max-w-xl text-pretty whitespace-pre-line wrap-anywhere">
          <bdi>{bio}</bdi>
        </p>
      )}
      <ul className="flex flex-wrap gap-x-6 gap-y-2">
        <Count
          href={isReadable ? paths.followers(handle) : null}
          count={followersCount}
          noun={followersCount === 1 ? "follower" : "followers"}
        />
        <Count
          href={isReadable ? paths.following(handle) : null}
          count={followingCount}
          noun="following"
        />
      </ul>
      <Actions {...profile} isGuest={props.isGuest} />
    </header>
  );
}

function Count({ href, count, noun }: { href: string | null; count: number; noun: string }) {
  const content = (
    <>
      <span className="font-strong text-ink tabular-nums">{formatCount(count)}</span> {noun}
    </>
  );
  return (
    <li className="text-ink-soft">
      {href ? (
        <Link href={href} className="rounded-control hover:text-ink hover:underline">
          {content}
        </Link>
      ) : (
        content
      )}
    </li>
  );
}

function Actions(props: {
  id: string;
  name: string;
  isGuest: boolean;
  isOwn: boolean;
  isBlocked: boolean;
  isPrivate: boolean;
  followState: "NONE" | "REQUESTED" | "FOLLOWING";
}) {
  const { id, name, isGuest, isOwn, isBlocked, isPrivate, followState } = props;
  if (isOwn)
    return (
      <div>
        {/* A plain link: pages with Clerk's components need a new document, because public pages lack Clerk's provider. */}
        <ButtonAnchor href={paths.profileSettings} size="large">
          Edit profile
        </ButtonAnchor>
      </div>
    );
  if (isBlocked)
    return (
      <div className="flex flex-wrap items-center gap-4">
        <p className="text-ink-soft">You blocked this person. They cannot see your profile.</p>
        <ProfileActionButton action="profile.unblock" profileId={id} name={name} size="large" />
      </div>
    );
  return (
    <div className="flex flex-wrap gap-2">
      <FollowButton
        profileId={id}
        name={name}
        isPrivate={isPrivate}
        followState={followState}
        size="large"
      />
      {!isGuest && (
        <ProfileActionButton
          action="profile.block"
          profileId={id}
          name={name}
          variant="quiet"
          size="large"
        />
      )}
    </div>
  );
}
