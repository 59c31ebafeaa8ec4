import { ButtonAnchor } from "@/components/ui/button";
import { env } from "@/lib/env";
import { clerkDashboardUrl } from "@/lib/paths";

/** `path` is the object's path below the instance in Clerk's dashboard, such as `users/user_…`. */
export function OpenInClerk({ path }: { path: string }) {
  return (
    <ButtonAnchor
      variant="quiet"
      href={clerkDashboardUrl(env().apiUrl, path)}
      target="_blank"
      rel="noreferrer"
    >
      Open in Clerk
    </ButtonAnchor>
  );
}
