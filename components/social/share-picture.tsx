import { ImageResponse } from "next/og";
import { initialsOf } from "@/components/ui/initials";

export const size = { width: 1200, height: 630 };
export const contentType = "image/png";

/** Copies of the light colours of globals.css, because the renderer of pictures reads no style sheet. */
const colours = {
  canvas: "#faf9f6",
  line: "#e7e4dd",
  ink: "#1e1c19",
  inkSoft: "#59554e",
  accent: "#2c4bc8",
  accentQuiet: "#ecf0fd",
};

/** The characters of the renderer's own font. For any other character, it would fetch a font from Google. */
const COVERED = /^[\u0020-\u007e\u00a1-\u00ac\u00ae-\u017e\u2018\u2019\u201c\u201d\u2013\u2026]+$/;

/** Returns the first text that the renderer's own font covers; null if there is none. */
export function firstDrawable(...texts: (string | null)[]): string | null {
  return (
    texts.map((text) => text?.normalize("NFC")).find((text) => COVERED.test(text ?? "")) ?? null
  );
}

const shorten = (text: string, length: number) =>
  text.length <= length ? text : `${text.slice(0, length - 1).trimEnd()}…`;

/**
 * Renders the picture that other sites show for a link. `mark` is a country's code; without it, the picture shows the title's
 * initials. Fetches nothing: leaves out a line that the font does not cover, and replaces such a title with "Rollcall".
 */
export function sharePicture(props: {
  title: string | null;
  lines: (string | null)[];
  mark?: string;
}): ImageResponse {
  // 48 characters fill at most two lines.
  const title = shorten(firstDrawable(props.title) ?? "Rollcall", 48);
  const lines = props.lines.flatMap((line) => firstDrawable(line) ?? []);
  const mark = props.mark ?? firstDrawable(initialsOf(title)) ?? "R";
  return new ImageResponse(
    <div
      style={{
        display: "flex",
        flexDirection: "column",
        justifyContent: "space-between",
        width: "100%",
        height: "100%",
        padding: 72,
        background: colours.canvas,
        color: colours.ink,
      }}
    >
      <div style={{ display: "flex", alignItems: "center", gap: 48 }}>
        <div
          style={{
            display: "flex",
            alignItems: "center",
            justifyContent: "center",
            flexShrink: 0,
            width: 192,
            height: 192,
            borderRadius: props.mark === undefined ? 96 : 24,
            background: colours.accentQuiet,
            color: colours.accent,
            fontSize: 76,
          }}
        >
          {mark}
        </div>
        <div
          style={{ display: "flex", flexDirection: "column", flexGrow: 1, flexBasis: 0, gap: 12 }}
        >
          <div style={{ fontSize: title.length > 24 ? 60 : 76, lineHeight: 1.1 }}>{title}</div>
          {lines.map((line) => (
            <div key={line} style={{ fontSize: 36, color: colours.inkSoft }}>
              {shorten(line, 60)}
            </div>
          ))}
        </div>
      </div>
      <div
        style={{
          display: "flex",
          paddingTop: 32,
          borderTop: `2px solid ${colours.line}`,
          fontSize: 32,
          color: colours.inkSoft,
        }}
      >
        Rollcall
      </div>
    </div>,
    // Cached for 5 minutes only: the profile's name and count may change, but the picture's URL stays the same.
    { ...size, headers: { "cache-control": "public, max-age=300" } },
  );
}
