import { CrumbName } from "@/components/console/breadcrumbs";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { paths } from "@/lib/paths";

export default function ConsoleNotFound() {
  return (
    <div className="flex flex-col gap-4">
      <CrumbName name="Not found" />
      <h1 className="text-lg">Not found</h1>
      <EmptyState action={<ButtonLink href={paths.console}>Go to the overview</ButtonLink>}>
        The mirror does not know this. It may have been deleted in Clerk, or the address is
        mistyped.
      </EmptyState>
    </div>
  );
}
