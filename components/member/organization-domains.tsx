import { Badge } from "@/components/ui/badge";
import { type FragmentOf, graphql, readFragment } from "@/lib/document";

export const DomainFields = graphql(`
  fragment DomainFields on OrganizationDomain {
    id
    name
    isVerified
    enrollmentMode
  }
`);

const modes: Record<string, string> = {
  manual_invitation: "People with this address are invited one by one",
  automatic_invitation: "People with this address are invited when they sign up",
  automatic_suggestion: "People with this address may ask to join",
};

/** The e-mail domains of an organization, for its admins. Renders nothing when there are none. */
export function OrganizationDomains(props: { domains: FragmentOf<typeof DomainFields>[] }) {
  const domains = readFragment(DomainFields, props.domains);
  if (domains.length === 0) return null;
  return (
    <section aria-labelledby="domains" className="flex flex-col gap-4">
      <h2 id="domains" className="text-lg">
        Email domains
      </h2>
      <ul className="rounded-card border border-line bg-surface">
        {domains.map(({ id, name, isVerified, enrollmentMode }) => (
          <li key={id} className="flex items-center gap-4 border-b border-line p-4 last:border-b-0">
            <div className="min-w-0 flex-1">
              <p className="font-strong wrap-anywhere">
                <bdi>{name}</bdi>
              </p>
              <p className="text-md text-pretty text-ink-soft">{modes[enrollmentMode ?? ""]}</p>
            </div>
            <Badge tone={isVerified ? "good" : "wait"}>
              {isVerified ? "Verified" : "Not verified"}
            </Badge>
          </li>
        ))}
      </ul>
    </section>
  );
}
