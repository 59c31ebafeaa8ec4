import { NotFoundState } from "@/components/console/not-found-state";
import { ButtonLink } from "@/components/ui/button-link";
import { paths } from "@/lib/paths";

export default function UserNotFound() {
  return (
    <NotFoundState
      title="No user with this id"
      action={<ButtonLink href={paths.users}>All people</ButtonLink>}
    >
      The user may have been deleted in Clerk, or the address may be mistyped.
    </NotFoundState>
  );
}
