import { clerkMiddleware } from "@clerk/nextjs/server";

// The local Clerk's Frontend API has no domain: the app serves it under /__clerk.
export default clerkMiddleware({ frontendApiProxy: { enabled: true } });

export const config = {
  runtime: "nodejs",
  matcher: ["/((?!_next/static|_next/image|favicon.ico).*)"],
};
