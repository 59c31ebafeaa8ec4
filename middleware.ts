/**
 * Clerk's session handling, and redirects to sign-in. It protects nothing: every page, handler and action checks access itself,
 * and nothing leaks if this file is deleted.
 */
import { clerkMiddleware } from "@clerk/nextjs/server";
import { NextResponse } from "next/server";
import { env } from "@/lib/env";
import { isAuthorizedParty } from "@/lib/identity/authorized-party";
import { isMemberPath, signInPath } from "@/lib/paths";

/**
 * In development every spelling of this machine leads to the one that tokens and cookies are made for. Next names a request
 * by the host it listens on, so the Host header is what the browser was given.
 */
function isOtherLoopback(host: string | null): boolean {
  const { host: ours } = new URL(env().appUrl);
  return (
    host !== null && host !== ours && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(host)
  );
}

export default clerkMiddleware(
  async (auth, request) => {
    const { pathname, search, origin } = request.nextUrl;
    if (!env().isProduction && isOtherLoopback(request.headers.get("host"))) {
      return NextResponse.redirect(new URL(`${pathname}${search}`, env().appUrl));
    }
    if (!isMemberPath(pathname)) return;
    const { userId, sessionClaims } = await auth();
    const isSignedIn = userId !== null && isAuthorizedParty(sessionClaims.azp, env().appUrl);
    if (!isSignedIn)
      return NextResponse.redirect(new URL(signInPath(`${pathname}${search}`), origin));
  },
  () => {
    const { publishableKey, jwtKey, proxyUrl } = env();
    return {
      publishableKey,
      jwtKey,
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
  // Everything but Next's own files and the API, which authenticates by itself. Not "anything with a dot": a page's last
  // segment may look like a file name. /__clerk is Clerk's Frontend API behind this app's origin.
  matcher: ["/((?!api/|_next/static/|_next/image|icon\\.svg$|favicon\\.ico$).*)"],
};
