/**
 * An explorer for the API, in development only: Altair, served from its npm package, not from a CDN. It sends requests as the
 * signed-in user: the session cookie contains the token, and Clerk's script on the page refreshes it.
 */
import { readFile } from "node:fs/promises";
import { extname, sep } from "node:path";
import { env } from "../../env";

const BASE = "/api/graphql/explorer/";

const mediaTypes: Record<string, string> = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

function clerkScript(): string {
  const { publishableKey, proxyUrl, frontendApiHost } = env();
  const from = proxyUrl ?? `https://${frontendApiHost}`;
  const proxy = proxyUrl ? ` data-clerk-proxy-url="${proxyUrl}"` : "";
  return `<script async crossorigin="anonymous" data-clerk-publishable-key="${publishableKey}"${proxy}
    src="${from}/npm/@clerk/clerk-js@6/dist/clerk.browser.js" onload="window.Clerk.load()"></script>`;
}

async function page(): Promise<Response> {
  const { renderAltair } = await import("altair-static");
  const html = renderAltair({
    baseURL: BASE,
    endpointURL: "/api/graphql",
    initialQuery: "{\n  viewer {\n    id\n    email\n  }\n}\n",
    disableAccount: true,
    // The banners advertise Altair's paid service.
    persistedSettings: { "banners.disable": true },
  });
  return new Response(
    html.replace("</head>", () => `${clerkScript()}</head>`),
    {
      headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" },
    },
  );
}

async function file(name: string): Promise<Response> {
  const { getDistDirectory } = await import("altair-static");
  const folder = getDistDirectory();
  const path = `${folder}${sep}${name}`;
  if (!/^[\w.-]+(\/[\w.-]+)*$/.test(name) || name.includes("..")) return notFound();
  try {
    const body = new Uint8Array(await readFile(path));
    const type = mediaTypes[extname(path)] ?? "application/octet-stream";
    return new Response(body, { headers: { "content-type": type } });
  } catch {
    return notFound();
  }
}

const notFound = () => new Response("Not found", { status: 404 });

export async function answerExplorer(request: Request): Promise<Response> {
  if (env().isProduction) return notFound();
  const { pathname } = new URL(request.url);
  const name = pathname.slice(BASE.length);
  return name === "" ? page() : file(name);
}
