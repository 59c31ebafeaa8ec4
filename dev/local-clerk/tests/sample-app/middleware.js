import { clerkMiddleware } from "@clerk/nextjs/server";

// The local Clerk's Frontend API has no domain of its own, so the app serves the Frontend API under /__clerk.
export default clerkMiddleware({ frontendApiProxy: { enabled: true } });

export const config = {
  runtime: "nodejs",
  matcher: ["/((?!_next/static|_next/image|favicon.ico).*)"],
};
