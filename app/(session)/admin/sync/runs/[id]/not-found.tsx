import { NotFoundState } from "@/components/console/not-found-state";
import { ButtonLink } from "@/components/ui/button-link";
import { paths } from "@/lib/paths";

export default function ReconciliationNotFound() {
  return (
    <NotFoundState
      title="No reconciliation with this id"
      action={<ButtonLink href={paths.sync}>Back to sync</ButtonLink>}
    >
      It may be past retention, or the address may be mistyped.
    </NotFoundState>
  );
}
