import { ClerkCardSkeleton } from "@/components/clerk/card-skeleton";
import { UserProfile } from "@/components/clerk/client-components";
import { WhenSignedIn } from "@/components/clerk/when-signed-in";
import { findSignedInViewer } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";

export const metadata = { title: "Account" };

export default async function AccountPage() {
  // The page shows only Clerk's data, so it also works if no viewer can be found during an outage of the mirror's database.
  await findSignedInViewer(paths.account);
  const skeleton = <ClerkCardSkeleton what="your account" className="min-h-[44rem]" />;
  return (
    <WhenSignedIn fallback={skeleton}>
      <UserProfile path={paths.account} fallback={skeleton} />
    </WhenSignedIn>
  );
}
