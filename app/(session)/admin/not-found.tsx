import { NotFoundState } from "@/components/console/not-found-state";
import { ButtonLink } from "@/components/ui/button-link";
import { paths } from "@/lib/paths";

export default function ConsoleNotFound() {
  return (
    <NotFoundState
      title="Page not found"
      action={<ButtonLink href={paths.console}>Go to overview</ButtonLink>}
    >
      The address may be mistyped.
    </NotFoundState>
  );
}
