import { redirect } from "next/navigation";
import { requireViewer } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";

/**
 * Redirects to the page of the session's active organization. Without one, redirects to the organization that the user joined
 * last, or else to the home page.
 */
export default async function OwnOrganizationPage() {
  const { activeMembership, user } = await requireViewer(paths.ownOrganization);
  const id = activeMembership?.organizationId ?? user.memberships[0]?.organizationId;
  redirect(id ? paths.memberOrganization(id) : paths.home);
}
