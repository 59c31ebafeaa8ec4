/**
 * Clerk's session handling, and redirects to sign-in. Access control does not depend on it: every page, handler and action checks
 * access itself, and nothing leaks if this file is deleted.
 */
import { clerkMiddleware } from "@clerk/nextjs/server";
import { NextResponse } from "next/server";
import { env } from "@/lib/env";
import { isAuthorizedParty } from "@/lib/identity/authorized-party";
import { middlewareKey, verifyRequest } from "@/lib/identity/middleware-key";
import { isMemberPath, signInPath } from "@/lib/paths";

/**
 * Returns the response for the case that Clerk's keys cannot be fetched. The session may be valid, so the browser must stay
 * signed in.
 */
function tryLater(): NextResponse {
  return new NextResponse("Rollcall cannot check your session right now. Try again.", {
    status: 503,
    headers: { "content-type": "text/plain; charset=utf-8", "retry-after": "5" },
  });
}

export default clerkMiddleware(
  async (auth, request) => {
    const { pathname, search, origin } = request.nextUrl;
    if (!isMemberPath(pathname)) return;
    const { userId, sessionClaims } = await auth();
    if (userId !== null && isAuthorizedParty(sessionClaims.azp, env().appUrl)) return;
    const verdict = await verifyRequest(request.headers);
    if (verdict.ok) return;
    if (verdict.reason === "unavailable") return tryLater();
    return NextResponse.redirect(new URL(signInPath(`${pathname}${search}`), origin));
  },
  async (request) => {
    const { publishableKey, proxyUrl } = env();
    return {
      publishableKey,
      jwtKey: await middlewareKey(request.nextUrl, request.headers),
      signInUrl: "/sign-in",
      signUpUrl: "/sign-up",
      contentSecurityPolicy: {
        strict: true,
        directives: {
          "base-uri": ["none"],
          "frame-ancestors": ["none"],
          "img-src": ["data:"],
          "object-src": ["none"],
        },
      },
      ...(proxyUrl && { proxyUrl, frontendApiProxy: { enabled: true } }),
    };
  },
);

export const config = {
  runtime: "nodejs",
  // Matches every path except Next's own files and the API, which authenticates requests itself. Does not exclude all paths with
  // a dot, because a page's path may end like a file name. Also matches /__clerk, where this app's origin serves Clerk's Frontend
  // API.
  matcher: ["/((?!api/|_next/static/|_next/image|icon\\.svg$|favicon\\.ico$).*)"],
};
