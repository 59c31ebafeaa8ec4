import { classNames } from "./class-names";

const sizes = {
  small: "size-6 text-[0.625rem]",
  medium: "size-10 text-md",
  large: "size-16 text-lg",
} as const;

/** The first letters of the first and last word; of "@ana" and "ana@example.com" the first letter. */
function initialsOf(name: string): string {
  const words = name.split(/\s+/).flatMap((word) => word.match(/[\p{L}\p{N}].*/u) ?? []);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words;
  return ends.map((word) => Array.from(word ?? "")[0]?.toUpperCase() ?? "").join("");
}

/**
 * People are round, organizations square. The image lies over the initials, so that a picture that does not come leaves
 * them standing; the name always stands beside it, so assistive technology skips both.
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
      {imageUrl && (
        // biome-ignore lint/performance/noImgElement: tiny, and its host is whatever Clerk says
        <img
          src={imageUrl}
          alt=""
          loading="lazy"
          decoding="async"
          referrerPolicy="no-referrer"
          className="absolute inset-0 size-full object-cover"
        />
      )}
    </span>
  );
}
