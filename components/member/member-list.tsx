import { Avatar } from "@/components/ui/avatar";
import { EmptyState } from "@/components/ui/empty-state";
import { Time } from "@/components/ui/time";
import { type FragmentOf, graphql, readFragment } from "@/lib/document";
import { roleName } from "@/lib/format";
import { MemberActs } from "./member-acts";

export const MemberListFields = graphql(`
  fragment MemberListFields on Membership {
    id
    role
    roleName
    createdAt
    user {
      id
      name
      email
      username
      imageUrl
    }
  }
`);

/** The list of an organization's members, which every member may see. */
export function MemberList(props: {
  members: FragmentOf<typeof MemberListFields>[];
  search: string;
  /** Set only for an admin of the organization: the data that the buttons for changing and removing members need. */
  administration?: {
    organizationId: string;
    viewerId: string;
    roles: { key: string; name: string }[];
  } | null;
}) {
  const { administration } = props;
  const members = readFragment(MemberListFields, props.members);
  if (members.length === 0)
    return (
      <EmptyState>
        {props.search
          ? `No members match “${props.search}”. Results must contain every word.`
          : "This page of the list is empty: its members have left."}
      </EmptyState>
    );
  return (
    <ul className="rounded-card border border-line bg-surface">
      {members.map(({ id, role, createdAt, user, ...membership }) => {
        // The second line: the e-mail address or username that is not already displayed as the name.
        const note = [user.email, user.username].find((text) => text && text !== user.name);
        return (
          <li
            key={id}
            className="flex flex-wrap items-center justify-end gap-x-4 gap-y-2 border-b border-line p-4 last:border-b-0"
          >
            <Avatar name={user.name} imageUrl={user.imageUrl} size="medium" />
            <div className="min-w-0 flex-1 basis-40">
              <p className="font-strong wrap-anywhere">
                <bdi>{user.name}</bdi>
              </p>
              <p className="text-md wrap-anywhere text-ink-soft">
                {note && <>{note} · </>}
                {createdAt && (
                  <>
                    Joined <Time value={createdAt} as="day" />
                  </>
                )}
              </p>
            </div>
            {administration && role && user.id !== administration.viewerId ? (
              <MemberActs
                organizationId={administration.organizationId}
                membershipId={id}
                memberName={user.name}
                role={role}
                roles={administration.roles}
              />
            ) : (
              <span className="shrink-0 text-md text-ink-soft">
                {roleName(role, membership.roleName)}
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}
