/**
 * Clerk's session handling and polite redirects. Not a lock: every page, handler and action checks for itself, and
 * nothing leaks when this file is deleted.
 */
import { clerkMiddleware } from "@clerk/nextjs/server";
import { NextResponse } from "next/server";
import { env } from "@/lib/env";
import { isMemberPath, signInPath } from "@/lib/paths";

export default clerkMiddleware(
  async (auth, request) => {
    const { pathname, search, origin } = request.nextUrl;
    if (!isMemberPath(pathname)) return;
    const { userId } = await auth();
    if (!userId) return NextResponse.redirect(new URL(signInPath(`${pathname}${search}`), origin));
  },
  () => {
    const { publishableKey, jwtKey, proxyUrl, appUrl } = env();
    return {
      publishableKey,
      jwtKey,
      authorizedParties: [appUrl],
      signInUrl: "/sign-in",
      signUpUrl: "/sign-up",
      ...(proxyUrl && { proxyUrl, frontendApiProxy: { enabled: true } }),
    };
  },
);

export const config = {
  runtime: "nodejs",
  matcher: [
    // Pages: everything but Next's own files and static files by extension.
    "/((?!_next/static|_next/image|favicon.ico|.*\\.(?:svg|png|jpg|jpeg|webp|ico|woff2?|css|js|map|txt)$).*)",
    // Clerk's Frontend API behind this app's origin, scripts included.
    "/__clerk/:path*",
  ],
};
