import { existsSync, readFileSync } from "node:fs";
import type { NextConfig } from "next";
import { PHASE_PRODUCTION_BUILD, PHASE_PRODUCTION_SERVER } from "next/constants";

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

/**
 * The Content-Security-Policy of API responses, which no browser needs to render. For pages, the middleware sends a policy with a
 * nonce.
 */
const dataOnly = {
  key: "Content-Security-Policy",
  value: "default-src 'none'; frame-ancestors 'none'",
};

/** The pattern of a Host header that names this machine, in the forms that browsers send: they write `127.1` as `127.0.0.1`. */
export const LOOPBACK_HOST =
  "(?:(?:[\\w-]+\\.)*localhost\\.?|127(?:\\.\\d+){3}|0\\.0\\.0\\.0|\\[::1?\\]|\\[::ffff:7f[\\da-f]{2}:[\\da-f]{1,4}\\])(?::\\d+)?";

const appUrl = process.env.APP_URL;

/**
 * In development, redirects pages from every other name of this machine (such as 127.0.0.1) to the origin that tokens and cookies
 * are issued for. The middleware cannot do this: there, Next turns a redirect to its own address into a relative URL, which
 * causes a redirect loop. The API is not redirected, because its clients do not follow redirects.
 */
function loopbackRedirects(origin: string) {
  const own = new URL(origin).host.replaceAll(/[.[\]]/g, "\\$&");
  const host = { type: "header" as const, key: "host", value: `(?!${own}$)${LOOPBACK_HOST}` };
  const page = ":first((?!(?:api|_next)(?:/|$))[^/]+)/:rest*";
  return [
    { source: "/", has: [host], destination: `${origin}/`, permanent: false },
    { source: `/${page}`, has: [host], destination: `${origin}/:first/:rest*`, permanent: false },
  ];
}

/** Redirects for the URLs that pages had in earlier releases. Messages and bookmarks still contain these URLs. */
const movedPages = [
  {
    source: "/admin/health/deliveries",
    has: [{ type: "query" as const, key: "list", value: "(?<outcome>\\w+)" }],
    destination: "/admin/deliveries?outcome=:outcome",
    permanent: true,
  },
  { source: "/admin/health", destination: "/admin/sync", permanent: true },
  { source: "/admin/health/:page", destination: "/admin/sync/:page", permanent: true },
];

const config: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  // Next would redirect a webhook URL with a trailing slash, and Clerk's sender counts a redirect as a failure.
  skipTrailingSlashRedirect: true,
  experimental: {
    // Makes a navigation wait until the network is back. Without this, the browser would replace the app with the browser's own
    // error page.
    useOffline: true,
    // The package.json of these packages lacks `sideEffects: false`, so each page would load more of their hooks than it uses.
    optimizePackageImports: ["@clerk/react", "@clerk/shared"],
    // Development does without the source maps of packages: reading them costs 2 CPU seconds before the first page of `npm run
    // dev`.
    turbopackInputSourceMaps: isProduction,
    // Fast refresh evaluates only the changed modules again. A module of the GraphQL schema registers its types with a builder
    // when it is evaluated. After a change, the builder would have the types twice, and each request would fail.
    turbopackServerFastRefresh: false,
  },
  turbopack: {
    // Modules that Clerk's packages import and this app never calls.
    resolveAlias: {
      "next/router": "./components/clerk/pages-router.ts",
      "next/script": "./components/clerk/pages-router.ts",
      "@tanstack/query-core": "./components/clerk/query-client.ts",
    },
  },
  serverExternalPackages: [
    "pg",
    "svix",
    "graphile-worker",
    "altair-static",
    // One copy for each process: a second copy of these would have no exporter and no metrics, without an error.
    "@opentelemetry/api",
    "@opentelemetry/context-async-hooks",
    "@opentelemetry/core",
    "@opentelemetry/exporter-trace-otlp-http",
    "@opentelemetry/exporter-trace-otlp-proto",
    "@opentelemetry/resources",
    "@opentelemetry/sdk-trace-base",
    "prom-client",
    // These packages need no bundling. Bundled, they would be compiled for each route. `graphql` refuses objects of a second copy of
    // itself, so the packages that import it are listed with it.
    "zod",
    "@prisma/adapter-pg",
    "@clerk/backend",
    "graphql",
    "@apollo/server",
    "@graphql-tools/schema",
    "@pothos/core",
    "@pothos/plugin-prisma",
    "@pothos/plugin-relay",
    "@pothos/plugin-scope-auth",
  ],
  // The build skips the type check. Type check and lint are separate steps of `npm test`.
  typescript: { ignoreBuildErrors: true },
  redirects: async () => [
    ...(isProduction || !appUrl ? [] : loopbackRedirects(appUrl)),
    ...movedPages,
  ],
  headers: async () => [
    { source: "/:path*", headers: securityHeaders },
    // In development this policy is not sent, because the API also serves the GraphQL explorer there, which is an HTML page.
    ...(isProduction ? [{ source: "/api/:path*", headers: [dataOnly] }] : []),
  ],
};

/**
 * The id of the deployment. Instances whose ids differ make a browser reload the page, instead of mixing two builds. Next start
 * must use the id of the build, which it does not know without this.
 */
function deploymentIdIn(phase: string): string | undefined {
  if (phase === PHASE_PRODUCTION_BUILD) return process.env.BUILD_ID || undefined;
  const file = ".next/required-server-files.json";
  if (phase !== PHASE_PRODUCTION_SERVER || !existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, "utf8")).config.deploymentId;
}

/** With BUILD_ID, such as the commit, all builds of one release have the same ids. Without it, Next makes a random build id. */
export default function configIn(phase: string): NextConfig {
  return {
    ...config,
    // Only in the build: `next start`, which does not use the standalone folder, warns when this is set.
    ...(phase === PHASE_PRODUCTION_BUILD && { output: "standalone" }),
    deploymentId: deploymentIdIn(phase),
    generateBuildId: () => process.env.BUILD_ID || null,
  };
}
