import { ConsolePage } from "@/components/console/console-page";
import { HealthListPage } from "@/components/console/health-page";
import { ProvisioningFailureRow } from "@/components/console/provisioning-failure-row";
import { ProvisioningFailures } from "@/components/console/provisioning-failures";
import { graphql } from "@/lib/document";
import { requireAdmin } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";

export const metadata = { title: "Profiles still loading" };

const profilesQuery = graphql(
  `
    query HealthProfiles {
      syncState {
        provisioning
      }
      provisioningFailures {
        ...ProvisioningFailureRow
      }
    }
  `,
  [ProvisioningFailureRow],
);

export default async function HealthProfilesPage() {
  const drawing = await drawOrReport(async () => {
    await requireAdmin(paths.syncProfiles);
    const { syncState, provisioningFailures } = (await query({ query: profilesQuery })).data;
    const shown = provisioningFailures.length;
    return (
      <HealthListPage
        title="Profiles still loading"
        count={Math.max(shown, syncState.provisioning ?? 0)}
        shown={shown}
        about="These people are signed in, but only the details in their session are known. Rollcall is retrying Clerk for the rest, at growing intervals."
        empty="Every profile is loaded."
        table={<ProvisioningFailures failures={provisioningFailures} />}
      />
    );
  });
  return <ConsolePage {...drawing} />;
}
