import dark from "@/components/pictures/console-dark.png";
import light from "@/components/pictures/console-light.png";

/**
 * A picture of the console, in the light or dark theme of the visitor's system. `e2e/appearance.spec.ts` captures it
 * (PICTURES=keep). Does not use Next's image component, which would add JavaScript to the lightest page.
 */
export function ConsolePicture() {
  return (
    <picture className="block overflow-hidden rounded-card border border-line shadow-float">
      <source
        media="(prefers-color-scheme: dark)"
        srcSet={dark.src}
        width={dark.width}
        height={dark.height}
      />
      <img
        src={light.src}
        width={light.width}
        height={light.height}
        alt="The console: the facts of an organization, and a table of its members with their e-mail addresses and roles."
        fetchPriority="high"
        className="h-auto w-[170%] max-w-none sm:w-full"
      />
    </picture>
  );
}
