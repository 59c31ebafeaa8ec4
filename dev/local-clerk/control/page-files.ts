// Serves the files of the control page. The page loads nothing from any other origin.

import { readFileSync } from "node:fs";

const types = {
  "page.html": "text/html; charset=utf-8",
  "page.css": "text/css; charset=utf-8",
  "page.js": "text/javascript; charset=utf-8",
  "rows.js": "text/javascript; charset=utf-8",
  "dom.js": "text/javascript; charset=utf-8",
  "actions.js": "text/javascript; charset=utf-8",
  "settings-labels.js": "text/javascript; charset=utf-8",
  "coverage.html": "text/html; charset=utf-8",
  "coverage.js": "text/javascript; charset=utf-8",
};
type PageFile = keyof typeof types;

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export function isPageFile(name: string): name is PageFile {
  return Object.hasOwn(types, name);
}

/**
 * Returns a file of the control page. Reads the file, which is small, for every request: an edit takes effect at the next page
 * load.
 */
export function pageFile(name: PageFile): Response {
  const headers = { "content-type": types[name], "content-security-policy": policy };
  return new Response(readFileSync(new URL(`./page/${name}`, import.meta.url)), { headers });
}

/** Returns a Markdown file of the package: the built package has both one folder above its code, as the source has. */
export function packageFile(name: "COVERAGE.md" | "README.md"): Response {
  const headers = { "content-type": "text/markdown; charset=utf-8" };
  return new Response(readFileSync(new URL(`../${name}`, import.meta.url)), { headers });
}
