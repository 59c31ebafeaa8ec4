import type { NextConfig } from "next";

const securityHeaders = [
  { key: "X-Content-Type-Options", value: "nosniff" },
  { key: "X-Frame-Options", value: "DENY" },
  { key: "Referrer-Policy", value: "strict-origin-when-cross-origin" },
  { key: "Permissions-Policy", value: "camera=(), microphone=(), geolocation=()" },
];

const isProduction = process.env.NODE_ENV === "production";

if (isProduction) {
  const value = "max-age=63072000; includeSubDomains";
  securityHeaders.push({ key: "Strict-Transport-Security", value });
}

/** What the API answers is data: no browser has to draw any of it. Pages get theirs, with a nonce, from the middleware. */
const dataOnly = {
  key: "Content-Security-Policy",
  value: "default-src 'none'; frame-ancestors 'none'",
};

const config: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  // A webhook whose address has a trailing slash would be redirected, and its sender counts that as a failure.
  skipTrailingSlashRedirect: true,
  // A navigation waits for the network. Without this, the browser would replace the app by its own error page.
  experimental: { useOffline: true },
  serverExternalPackages: ["pg", "svix", "graphile-worker", "altair-static"],
  // Type check and lint are commands of their own (`npm test` runs them), once.
  typescript: { ignoreBuildErrors: true },
  headers: async () => [
    { source: "/:path*", headers: securityHeaders },
    // In development there is the explorer, which is a page.
    ...(isProduction ? [{ source: "/api/:path*", headers: [dataOnly] }] : []),
  ],
};

export default config;
