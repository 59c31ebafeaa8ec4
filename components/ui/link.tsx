// biome-ignore lint/style/noRestrictedImports: the one place
import NextLink from "next/link";
import type { ComponentProps } from "react";

/**
 * Next's link without prefetching. A list would prefetch a page for each of its rows, again after each refresh. Almost nothing
 * of these pages can be prefetched: they read the database for their viewer.
 */
export function Link(props: Omit<ComponentProps<typeof NextLink>, "prefetch">) {
  return <NextLink {...props} prefetch={false} />;
}
