/** The first tab of a user's page: all data that the mirror has about the user, except lists. */
import {
  Identifications,
  IdentificationsTable,
  identificationsOf,
} from "@/components/console/identifications-table";
import { Metadata } from "@/components/console/metadata";
import { Section } from "@/components/console/section";
import { VerifiedBadge } from "@/components/console/state-badges";
import { EmptyState } from "@/components/ui/empty-state";
import { Fact, Facts } from "@/components/ui/facts";
import { IdChip } from "@/components/ui/id-chip";
import { Time } from "@/components/ui/time";
import { type FragmentOf, graphql, readFragment } from "@/lib/document";
import { formatCount, visibleText } from "@/lib/format";

export const UserOverviewFields = graphql(
  `
    fragment UserOverviewFields on User {
      id
      email
      isEmailVerified
      phoneNumber
      username
      externalId
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
    }
  `,
  [Identifications],
);

export function UserOverview(props: { user: FragmentOf<typeof UserOverviewFields> }) {
  const person = readFragment(UserOverviewFields, props.user);
  const identifications = identificationsOf(person);
  return (
    <>
      <Facts>
        <Fact name="Id">
          <IdChip id={person.id} isWhole />
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
    </>
  );
}

/** Returns null if Clerk has sent no value. The page then shows a dash. */
function onOff(value: boolean | null) {
  return value === null ? null : value ? "On" : "Off";
}

function allowed(value: boolean | null, word = "Allowed") {
  return value === null ? null : value ? word : "Not allowed";
}
