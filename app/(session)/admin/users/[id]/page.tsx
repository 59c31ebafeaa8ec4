import { notFound } from "next/navigation";
import { cache } from "react";
import { ConsolePage } from "@/components/console/console-page";
import { DetailHeading } from "@/components/console/detail-heading";
import { MembershipRow, MembershipsTable } from "@/components/console/memberships-table";
import { PlatformAdminBadge, UserStateBadge, userState } from "@/components/console/state-badges";
import { EmptyState } from "@/components/ui/empty-state";
import { Fact, Facts } from "@/components/ui/facts";
import { IdChip } from "@/components/ui/id-chip";
import { Time } from "@/components/ui/time";
import { graphql } from "@/lib/document";
import { formatCount, visibleText } from "@/lib/format";
import { requireAdmin } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport, titleOr } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";

const userQuery = graphql(
  `
    query User($id: ID!) {
      user(id: $id) {
        id
        name
        email
        username
        imageUrl
        isAdmin
        isBanned
        isLocked
        createdAt
        updatedAt
        lastSignInAt
        memberships {
          id
          ...MembershipRow
        }
      }
    }
  `,
  [MembershipRow],
);

type Props = { params: Promise<{ id: string }> };

/** Cached per request: the page and its title need the same row. */
const requireUser = cache(async (id: string) => {
  await requireAdmin(paths.user(id));
  const { data } = await query({ query: userQuery, variables: { id } });
  return data.user ?? notFound();
});

export async function generateMetadata({ params }: Props) {
  const { id } = await params;
  return { title: await titleOr("User", async () => (await requireUser(id)).name) };
}

export default async function UserPage({ params }: Props) {
  const drawing = await drawOrReport(async () => {
    const { id } = await params;
    const person = await requireUser(id);
    const memberships = person.memberships ?? [];
    return (
      <div className="flex flex-col gap-6">
        <DetailHeading name={person.name} imageUrl={person.imageUrl} shape="person">
          <UserStateBadge state={userState(person)} />
          {person.isAdmin && <PlatformAdminBadge />}
        </DetailHeading>
        <Facts>
          <Fact name="Id">
            <IdChip id={id} isWhole />
          </Fact>
          <Fact name="Created">{person.createdAt && <Time value={person.createdAt} />}</Fact>
          <Fact name="Email">{visibleText(person.email)}</Fact>
          <Fact name="Last changed">{person.updatedAt && <Time value={person.updatedAt} />}</Fact>
          <Fact name="Username">{visibleText(person.username)}</Fact>
          <Fact name="Last sign-in">
            {person.lastSignInAt ? <Time value={person.lastSignInAt} /> : "Never"}
          </Fact>
        </Facts>
        <section aria-labelledby="memberships" className="flex flex-col gap-4">
          <h2 id="memberships" className="flex items-baseline gap-2 text-base">
            Organizations
            <span className="text-md font-normal text-ink-faint tabular-nums">
              {formatCount(memberships.length)}
            </span>
          </h2>
          {memberships.length > 0 ? (
            <MembershipsTable memberships={memberships} />
          ) : (
            <EmptyState>This person is not in an organization.</EmptyState>
          )}
        </section>
      </div>
    );
  });
  return <ConsolePage {...drawing} />;
}
