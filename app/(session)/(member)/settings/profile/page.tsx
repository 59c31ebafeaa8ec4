import { MemberPage } from "@/components/member/member-page";
import { PersonRow, PersonRowFields } from "@/components/social/person-row";
import { ProfileActionButton } from "@/components/social/profile-action-button";
import { ProfileForm } from "@/components/social/profile-form";
import { ButtonAnchor } from "@/components/ui/button";
import { graphql } from "@/lib/document";
import { formatAge } from "@/lib/format";
import { requireViewer } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";

export const metadata = { title: "Your profile" };

const settingsQuery = graphql(
  `
    query ProfileSettings {
      viewer {
        id
        profile {
          id
          handle
          bio
          isPrivate
        }
      }
      handleChangeableFrom
      followRequests(first: 100) {
        totalCount
        edges {
          node {
            id
            follower {
              id
              ...PersonRowFields
            }
          }
        }
      }
      blocks(first: 100) {
        totalCount
        edges {
          node {
            id
            blocked {
              id
              ...PersonRowFields
            }
          }
        }
      }
    }
  `,
  [PersonRowFields],
);

export default async function ProfileSettingsPage() {
  const drawing = await drawOrReport(async () => {
    await requireViewer(paths.profileSettings);
    const { data } = await query({ query: settingsQuery });
    const { viewer, handleChangeableFrom, followRequests, blocks } = data;
    const { profile } = viewer;
    const handleNote =
      handleChangeableFrom &&
      `You changed it twice in the last 30 days. You can change it again on ${formatAge(Date.parse(handleChangeableFrom), Number.POSITIVE_INFINITY)}.`;
    return (
      <div className="mx-auto flex max-w-2xl flex-col gap-12">
        <div className="flex flex-col gap-8">
          <div className="flex items-center justify-between gap-4">
            <h1 className="text-xl">Your profile</h1>
            {profile && (
              <ButtonAnchor href={paths.person(profile.handle)}>Open your page</ButtonAnchor>
            )}
          </div>
          {!profile && (
            <p className="max-w-xl text-pretty text-ink-soft">
              You have no public page yet. Choose a handle to have one.
            </p>
          )}
          <ProfileForm
            key={profile?.handle}
            handle={profile?.handle ?? ""}
            bio={profile?.bio ?? ""}
            isPrivate={profile?.isPrivate ?? false}
            handleNote={handleNote}
          />
        </div>
        <People
          id="requests"
          title="Requests to follow you"
          count={followRequests.totalCount}
          empty="No requests. If only followers you accept can see your wishlist, their requests appear here."
        >
          {followRequests.edges.map(({ node }) => (
            <PersonRow
              key={node.id}
              person={node.follower}
              actions={({ id, name }) => (
                <>
                  <ProfileActionButton
                    action="follower.accept"
                    profileId={id}
                    name={name}
                    variant="primary"
                  />
                  <ProfileActionButton
                    action="follower.remove"
                    text="Decline"
                    profileId={id}
                    name={name}
                  />
                </>
              )}
            />
          ))}
        </People>
        <People
          id="blocked"
          title="Blocked people"
          count={blocks.totalCount}
          empty="No blocked people."
        >
          {blocks.edges.map(({ node }) => (
            <PersonRow
              key={node.id}
              person={node.blocked}
              actions={({ id, name }) => (
                <ProfileActionButton action="profile.unblock" profileId={id} name={name} />
              )}
            />
          ))}
        </People>
      </div>
    );
  });
  return <MemberPage {...drawing} />;
}

function People(props: {
  id: string;
  title: string;
  count: number;
  empty: string;
  children: React.ReactNode;
}) {
  const { id, title, count, empty, children } = props;
  return (
    <section aria-labelledby={id} className="flex flex-col gap-4">
      <h2 id={id} className="text-lg">
        {title} {count > 0 && <span className="text-ink-faint tabular-nums">{count}</span>}
      </h2>
      {count > 0 ? (
        <ul className="rounded-card border border-line bg-surface">{children}</ul>
      ) : (
        <p className="text-ink-soft">{empty}</p>
      )}
    </section>
  );
}
