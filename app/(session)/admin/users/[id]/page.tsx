import { notFound } from "next/navigation";
import { cache } from "react";
import { ConsolePage } from "@/components/console/console-page";
import { DetailHeading } from "@/components/console/detail-heading";
import {
  Identifications,
  IdentificationsTable,
  identificationsOf,
} from "@/components/console/identifications-table";
import { MembershipRow, MembershipsTable } from "@/components/console/memberships-table";
import { Metadata } from "@/components/console/metadata";
import { Section } from "@/components/console/section";
import {
  PlatformAdminBadge,
  UserStateBadge,
  userState,
  VerifiedBadge,
} from "@/components/console/state-badges";
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
        isEmailVerified
        phoneNumber
        username
        externalId
        imageUrl
        isAdmin
        isBanned
        isLocked
        passwordEnabled
        twoFactorEnabled
        totpEnabled
        backupCodeEnabled
        hasPasskey
        deleteSelfEnabled
        createOrganizationEnabled
        createOrganizationsLimit
        legalAcceptedAt
        createdAt
        updatedAt
        lastActiveAt
        lastSignInAt
        publicMetadata
        unsafeMetadata
        ...Identifications
        memberships {
          id
          ...MembershipRow
        }
      }
    }
  `,
  [MembershipRow, Identifications],
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
    const identifications = identificationsOf(person);
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
          <Fact name="Email">
            {visibleText(person.email) && (
              <span className="flex flex-wrap items-center gap-x-3">
                {visibleText(person.email)}
                <VerifiedBadge isVerified={person.isEmailVerified === true} />
              </span>
            )}
          </Fact>
          <Fact name="Last changed">{person.updatedAt && <Time value={person.updatedAt} />}</Fact>
          <Fact name="Phone">{visibleText(person.phoneNumber)}</Fact>
          <Fact name="Last active">
            {person.lastActiveAt && <Time value={person.lastActiveAt} />}
          </Fact>
          <Fact name="Username">{visibleText(person.username)}</Fact>
          <Fact name="Last sign-in">
            {person.lastSignInAt ? <Time value={person.lastSignInAt} /> : "Never"}
          </Fact>
          <Fact name="External id">{visibleText(person.externalId)}</Fact>
          <Fact name="Terms accepted">
            {person.legalAcceptedAt && <Time value={person.legalAcceptedAt} as="day" />}
          </Fact>
        </Facts>
        <Section title="Addresses, numbers and accounts" count={identifications.length}>
          {identifications.length > 0 ? (
            <IdentificationsTable rows={identifications} />
          ) : (
            <EmptyState>This person has no address, number or connected account.</EmptyState>
          )}
        </Section>
        <Section title="Security">
          <Facts>
            <Fact name="Password">{onOff(person.passwordEnabled)}</Fact>
            <Fact name="Authenticator app">{onOff(person.totpEnabled)}</Fact>
            <Fact name="Two-factor">{onOff(person.twoFactorEnabled)}</Fact>
            <Fact name="Backup codes">{onOff(person.backupCodeEnabled)}</Fact>
            <Fact name="Passkey">{onOff(person.hasPasskey)}</Fact>
            <Fact name="Delete account">{allowed(person.deleteSelfEnabled)}</Fact>
            <Fact name="Organizations">
              {person.createOrganizationEnabled && person.createOrganizationsLimit
                ? `May create ${formatCount(person.createOrganizationsLimit)}`
                : allowed(person.createOrganizationEnabled, "May create")}
            </Fact>
          </Facts>
        </Section>
        <Section title="Organizations" count={memberships.length}>
          {memberships.length > 0 ? (
            <MembershipsTable memberships={memberships} />
          ) : (
            <EmptyState>This person is not in an organization.</EmptyState>
          )}
        </Section>
        <Section title="Metadata">
          <Metadata
            parts={[
              { title: "Public", value: person.publicMetadata },
              {
                ...{ title: "Unsafe", value: person.unsafeMetadata },
                note: "Written by the person’s browser",
              },
            ]}
          />
        </Section>
      </div>
    );
  });
  return <ConsolePage {...drawing} />;
}

/** Returns null when Clerk has sent no value; the page then shows it as unknown. */
function onOff(value: boolean | null) {
  return value === null ? null : value ? "On" : "Off";
}

function allowed(value: boolean | null, word = "Allowed") {
  return value === null ? null : value ? word : "Not allowed";
}
