import { Skeleton } from "@/components/ui/skeleton";
import { paths } from "@/lib/paths";
import { UserButton } from "./client-components";

export function AccountButton() {
  return (
    <span className="flex size-7 shrink-0 items-center justify-center">
      <UserButton
        userProfileMode="navigation"
        userProfileUrl={paths.account}
        signInUrl={paths.addAccount}
        fallback={<Skeleton className="size-7 rounded-full" />}
      />
    </span>
  );
}
