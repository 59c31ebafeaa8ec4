import type { ComponentProps } from "react";
import { classNames } from "./class-names";

export type ButtonStyle = { variant?: "primary" | "secondary" | "quiet"; size?: "small" | "large" };

const variants: Record<NonNullable<ButtonStyle["variant"]>, string> = {
  primary: "bg-accent text-accent-contrast hover:bg-accent-strong",
  secondary: "border border-line-strong bg-surface text-ink hover:bg-sunken",
  quiet: "text-ink-soft hover:bg-sunken hover:text-ink",
};

const sizes: Record<NonNullable<ButtonStyle["size"]>, string> = {
  small: "h-8 gap-1.5 px-3 text-sm",
  large: "h-11 gap-2 px-5 text-base",
};

export function buttonClass({ variant = "secondary", size = "small" }: ButtonStyle): string {
  return classNames(
    "inline-flex shrink-0 items-center justify-center rounded-control font-strong whitespace-nowrap",
    "disabled:cursor-not-allowed disabled:opacity-55",
    variants[variant],
    sizes[size],
  );
}

export function Button({
  variant,
  size,
  className,
  ...button
}: ComponentProps<"button"> & ButtonStyle) {
  return (
    <button
      type="button"
      {...button}
      className={classNames(buttonClass({ variant, size }), className)}
    />
  );
}

/**
 * A link that loads a new document. A page without Clerk's script needs it, because the middleware renews the session only when a
 * document is loaded.
 */
export function ButtonAnchor({
  variant,
  size,
  className,
  ...link
}: ComponentProps<"a"> & ButtonStyle) {
  return <a {...link} className={classNames(buttonClass({ variant, size }), className)} />;
}
