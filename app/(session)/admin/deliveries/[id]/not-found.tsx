import { NotFoundState } from "@/components/console/not-found-state";
import { ButtonLink } from "@/components/ui/button-link";
import { paths } from "@/lib/paths";

export default function DeliveryNotFound() {
  return (
    <NotFoundState
      title="No delivery with this id"
      action={<ButtonLink href={paths.deliveries}>All deliveries</ButtonLink>}
    >
      It may be past retention, or the address may be mistyped.
    </NotFoundState>
  );
}
