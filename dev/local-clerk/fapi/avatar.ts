// Draws the image of a user or organization that has none: initials on a colour derived from the id. Nothing is fetched from
// another host.

import { createHash } from "node:crypto";

/** Returns the initials of a name or username. For an email address, only the part before the @ is used. */
function initials(name: string): string {
  const words = name
    .replace(/@.*/, "")
    .split(/[\s._-]+/)
    .filter(Boolean);
  const [first = "?", last = ""] = [words[0], words.length > 1 ? words.at(-1) : ""];
  return ([...first].slice(0, 1).join("") + [...last].slice(0, 1).join("")).toUpperCase();
}

function escapeXml(text: string): string {
  return text.replaceAll(/[<>&"']/g, (character) => `&#${character.codePointAt(0)};`);
}

export function avatarSvg(id: string, name: string): string {
  const hue = Math.round(((createHash("sha1").update(id).digest()[0] ?? 0) / 255) * 360);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 80" width="80" height="80"><rect width="80" height="80" fill="hsl(${hue} 38% 40%)"/><text x="40" y="41" fill="#fff" font-family="system-ui, sans-serif" font-size="30" font-weight="550" text-anchor="middle" dominant-baseline="central">${escapeXml(initials(name))}</text></svg>`;
}
