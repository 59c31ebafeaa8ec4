import { CreateOrganization } from "@clerk/nextjs";
import { ClerkCardSkeleton } from "@/components/clerk-card-skeleton";
import { requireViewer } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";

export const metadata = { title: "New organization" };

export default async function NewOrganizationPage() {
  await requireViewer(paths.newOrganization);
  return (
    <div className="mx-auto max-w-md">
      <h1 className="sr-only">New organization</h1>
      <CreateOrganization
        path={paths.newOrganization}
        afterCreateOrganizationUrl={paths.home}
        skipInvitationScreen
        fallback={<ClerkCardSkeleton what="the form" className="min-h-72" />}
      />
    </div>
  );
}
