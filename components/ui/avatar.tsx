import { AvatarPicture } from "./avatar-picture";
import { classNames } from "./class-names";
import { isDrawnByClerk } from "./drawn-by-clerk";
import { initialsOf } from "./initials";

const sizes = {
  small: "size-6 text-[0.625rem]",
  medium: "size-10 text-md",
  large: "size-16 text-lg",
} as const;

/**
 * The picture of a person (round) or organization (square). It lies over the initials, which stay visible if the picture does not
 * load. Hidden from assistive technology, because the name is always next to it.
 */
export function Avatar(props: {
  name: string;
  imageUrl: string | null;
  shape?: "person" | "organization";
  size?: keyof typeof sizes;
}) {
  const { name, imageUrl, shape = "person", size = "small" } = props;
  return (
    <span
      aria-hidden="true"
      className={classNames(
        "relative inline-grid shrink-0 place-items-center overflow-hidden border border-line bg-sunken font-strong text-ink-soft select-none",
        shape === "person"
          ? "rounded-full"
          : size === "small"
            ? "rounded-[0.25rem]"
            : "rounded-control",
        sizes[size],
      )}
    >
      {initialsOf(name)}
      {imageUrl && !isDrawnByClerk(imageUrl) && <AvatarPicture url={imageUrl} />}
    </span>
  );
}
