import { Fact, Facts } from "@/components/ui/facts";
import { IdChip } from "@/components/ui/id-chip";
import { Link } from "@/components/ui/link";
import { Time } from "@/components/ui/time";
import { type FragmentOf, graphql, readFragment } from "@/lib/document";
import { formatCount, visibleText } from "@/lib/format";
import { paths } from "@/lib/paths";

export const OrganizationFactFields = graphql(`
  fragment OrganizationFactFields on Organization {
    id
    slug
    maxAllowedMemberships
    adminDeleteEnabled
    createdBy
    createdByName
    createdAt
    updatedAt
  }
`);

export function OrganizationFacts(props: {
  organization: FragmentOf<typeof OrganizationFactFields>;
}) {
  const organization = readFragment(OrganizationFactFields, props.organization);
  const { id, slug, maxAllowedMemberships, adminDeleteEnabled } = organization;
  const { createdBy, createdByName, createdAt, updatedAt } = organization;
  return (
    <Facts>
      <Fact name="Id">
        <IdChip id={id} isWhole />
      </Fact>
      <Fact name="Created">{createdAt && <Time value={createdAt} />}</Fact>
      <Fact name="Slug">{visibleText(slug)}</Fact>
      <Fact name="Last changed">{updatedAt && <Time value={updatedAt} />}</Fact>
      <Fact name="Member limit">{memberLimit(maxAllowedMemberships)}</Fact>
      <Fact name="Created by">
        {createdBy && (
          <Link href={paths.user(createdBy)} className="wrap-anywhere hover:underline">
            {createdByName ?? <span className="font-mono text-xs">{createdBy}</span>}
          </Link>
        )}
      </Fact>
      <Fact name="Delete by admins">
        {adminDeleteEnabled === null ? null : adminDeleteEnabled ? "Allowed" : "Not allowed"}
      </Fact>
    </Facts>
  );
}

/** Formats the limit of members. Clerk sends 0 for no limit. */
function memberLimit(limit: number | null): string | null {
  return limit === null ? null : limit === 0 ? "None" : formatCount(limit);
}
