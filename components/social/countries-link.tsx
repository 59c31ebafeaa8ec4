import { ButtonLink } from "@/components/ui/button-link";
import { paths } from "@/lib/paths";

/** The landing page's link to the sample product. */
export function CountriesLink() {
  return (
    <ButtonLink href={paths.countries} variant="quiet">
      Countries
    </ButtonLink>
  );
}
