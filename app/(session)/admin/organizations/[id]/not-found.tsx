import { NotFoundState } from "@/components/console/not-found-state";
import { ButtonLink } from "@/components/ui/button-link";
import { paths } from "@/lib/paths";

export default function OrganizationNotFound() {
  return (
    <NotFoundState
      title="No organization with this id"
      action={<ButtonLink href={paths.organizations}>All organizations</ButtonLink>}
    >
      The organization may have been deleted in Clerk, or the address may be mistyped.
    </NotFoundState>
  );
}
