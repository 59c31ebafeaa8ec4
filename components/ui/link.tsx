// biome-ignore lint/style/noRestrictedImports: the one place
import NextLink from "next/link";
import type { ComponentProps } from "react";

type LinkProps = Omit<ComponentProps<typeof NextLink>, "prefetch"> & {
  /** Prefetches the page now, because the user is about to follow the link. */
  isIntended?: boolean;
};

/**
 * Next's link, which prefetches only with `isIntended`. Otherwise a list would prefetch a page for each of its rows, again after
 * each refresh. Almost nothing of these pages can be prefetched: they read the database for their viewer.
 */
export function Link({ isIntended = false, ...props }: LinkProps) {
  return <NextLink {...props} prefetch={isIntended} />;
}
