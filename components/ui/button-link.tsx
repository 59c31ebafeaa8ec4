import type { ComponentProps } from "react";
import { type ButtonStyle, buttonClass } from "./button";
import { classNames } from "./class-names";
import { Link } from "./link";

/**
 * A link that looks like a button. Not in button.tsx: `global-error` and `error` load that file on every page, and Next's link
 * would make it larger.
 */
export function ButtonLink({
  variant,
  size,
  className,
  ...link
}: ComponentProps<typeof Link> & ButtonStyle) {
  return <Link {...link} className={classNames(buttonClass({ variant, size }), className)} />;
}
