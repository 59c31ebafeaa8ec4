import { ClerkCardSkeleton } from "@/components/clerk/card-skeleton";
import { CreateOrganization } from "@/components/clerk/client-components";
import { WhenSignedIn } from "@/components/clerk/when-signed-in";
import { findSignedInViewer } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";

export const metadata = { title: "New organization" };

export default async function NewOrganizationPage() {
  // The page shows only Clerk's data, so it also works if no viewer can be found during an outage of the mirror's database.
  await findSignedInViewer(paths.newOrganization);
  const skeleton = <ClerkCardSkeleton what="the form" className="min-h-72" />;
  return (
    <div className="mx-auto max-w-md">
      <h1 className="sr-only">New organization</h1>
      <WhenSignedIn fallback={skeleton}>
        <CreateOrganization
          path={paths.newOrganization}
          afterCreateOrganizationUrl={paths.home}
          skipInvitationScreen
          fallback={skeleton}
        />
      </WhenSignedIn>
    </div>
  );
}
