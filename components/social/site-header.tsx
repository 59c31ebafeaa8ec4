import { Brand } from "@/components/brand";
import { Avatar } from "@/components/ui/avatar";
import { ButtonAnchor } from "@/components/ui/button";
import { ButtonLink } from "@/components/ui/button-link";
import { displayName } from "@/lib/format";
import { paths } from "@/lib/paths";

type User = Parameters<typeof displayName>[0] & { imageUrl: string | null };

/** The header of public pages. `user` is null for a guest. */
export function SiteHeader({ user }: { user: User | null }) {
  return (
    <header className="border-b border-line bg-surface">
      <div className="mx-auto flex h-16 max-w-5xl items-center gap-2 px-4 sm:px-6">
        <Brand href={paths.landing} isCompact />
        <nav aria-label="Site" className="ml-2 flex items-center sm:ml-4">
          <ButtonLink href={paths.countries} variant="quiet">
            Countries
          </ButtonLink>
          {user && (
            // A plain link: pages with Clerk's components need a new document, because public pages lack Clerk's provider.
            <ButtonAnchor href={paths.wishlist} variant="quiet">
              Wishlist
            </ButtonAnchor>
          )}
        </nav>
        <div className="ml-auto flex items-center gap-2">
          {user ? (
            <a href={paths.home} className="flex items-center rounded-full" aria-label="Home">
              <Avatar name={displayName(user)} imageUrl={user.imageUrl} />
            </a>
          ) : (
            <ButtonLink href={paths.signIn} variant="quiet" className="-mr-3">
              Sign in
            </ButtonLink>
          )}
        </div>
      </div>
    </header>
  );
}
