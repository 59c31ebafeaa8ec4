import type { ComponentProps } from "react";
import { type ButtonStyle, buttonClass } from "./button";
import { classNames } from "./class-names";
import { Link } from "./link";

/** In a file of its own: the scripts of `global-error` and `error` are on every page, and need a button, not Next's link. */
export function ButtonLink({
  variant,
  size,
  className,
  ...link
}: ComponentProps<typeof Link> & ButtonStyle) {
  return <Link {...link} className={classNames(buttonClass({ variant, size }), className)} />;
}
