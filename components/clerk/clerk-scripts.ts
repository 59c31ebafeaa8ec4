/** The scripts that Clerk's form needs, as `@clerk/nextjs` loads them. A test compares them with what the sign-in page loads. */
const files = ["clerk-js@6/dist/clerk.browser.js", "ui@1/dist/ui.browser.js"];

export type ClerkScripts = { urls: string[]; nonce: string | undefined };

export function clerkScriptUrls(frontendApiHost: string, proxyUrl: string | undefined): string[] {
  const base = proxyUrl?.replace(/\/$/, "") ?? `https://${frontendApiHost}`;
  return files.map((file) => `${base}/npm/@clerk/${file}`);
}
