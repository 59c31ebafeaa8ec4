import { UserProfile } from "@clerk/nextjs";
import { ClerkCardSkeleton } from "@/components/clerk-card-skeleton";
import { requireViewer } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";

export const metadata = { title: "Account" };

export default async function AccountPage() {
  await requireViewer(paths.account);
  return (
    <div className="mx-auto max-w-[55rem]">
      <h1 className="sr-only">Account</h1>
      <UserProfile
        path={paths.account}
        fallback={<ClerkCardSkeleton what="your account" className="min-h-[44rem]" />}
      />
    </div>
  );
}
