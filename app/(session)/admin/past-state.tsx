/** Shows a user or an organization as it was at a given time, from the stored versions of its rows. Offers no acts. */
import { AsOfBar, AsOfState, isState } from "@/components/console/as-of";
import { DetailHeading } from "@/components/console/detail-heading";
import { Section } from "@/components/console/section";
import { EmptyState } from "@/components/ui/empty-state";
import { Link } from "@/components/ui/link";
import { graphql } from "@/lib/document";
import { roleName } from "@/lib/format";
import { paths } from "@/lib/paths";
import { query } from "@/lib/query/query";

const pastQuery = graphql(`
  query PastState($kind: TimelineSubject!, $id: ID!, $at: DateTime!) {
    stateAsOf(kind: $kind, id: $id, at: $at) {
      name
      isDeleted
      state
    }
    membershipsAsOf(kind: $kind, id: $id, at: $at) {
      id
      userId
      organizationId
      otherName
      role
    }
  }
`);

type Props = { kind: "USER" | "ORGANIZATION"; id: string; asOf: string; path: string };

export async function PastState({ kind, id, asOf, path }: Props) {
  const { data } = await query({ query: pastQuery, variables: { kind, id, at: asOf } });
  const { stateAsOf: past, membershipsAsOf: memberships } = data;
  const state = past && isState(past.state) ? past.state : null;
  const isUser = kind === "USER";
  return (
    <div className="flex flex-col gap-6">
      <AsOfBar asOf={asOf} nowHref={path} />
      <DetailHeading
        name={past?.name ?? id}
        imageUrl={typeof state?.image_url === "string" ? state.image_url : null}
        shape={isUser ? "person" : "organization"}
      />
      {state ? (
        <AsOfState state={state} />
      ) : (
        <EmptyState>
          {past?.isDeleted
            ? "It was deleted by then."
            : "Rollcall stores no version of then. It may not have existed, or the mirror was younger."}
        </EmptyState>
      )}
      <Section title={isUser ? "Organizations" : "Members"} count={memberships.length}>
        {memberships.length > 0 ? (
          <ul className="rounded-card border border-line bg-surface">
            {memberships.map((membership) => {
              const otherId = isUser ? membership.organizationId : membership.userId;
              const href = otherId && (isUser ? paths.organization(otherId) : paths.user(otherId));
              return (
                <li
                  key={membership.id}
                  className="flex min-h-9 items-center gap-4 border-b border-line px-4 py-1.5 last:border-b-0"
                >
                  {href ? (
                    <Link href={href} dir="auto" className="min-w-0 truncate hover:underline">
                      {membership.otherName ?? otherId}
                    </Link>
                  ) : (
                    membership.id
                  )}
                  <span className="ml-auto text-ink-soft">{roleName(membership.role)}</span>
                </li>
              );
            })}
          </ul>
        ) : (
          <EmptyState>None at that time.</EmptyState>
        )}
      </Section>
    </div>
  );
}
