import { Link } from "@/components/ui/link";
import { BrandName, brandClass } from "./brand-name";

/** The logo as a link to `href`. */
export function Brand({ href, isCompact }: { href: string; isCompact?: boolean }) {
  return (
    <Link href={href} className={brandClass}>
      <BrandName isCompact={isCompact} />
    </Link>
  );
}
