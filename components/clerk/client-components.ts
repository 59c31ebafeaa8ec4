"use client";

/**
 * Clerk's components for pages and layouts. A page that imports them from `@clerk/nextjs` sends all of Clerk's hooks and components
 * to the browser, with a query client and a payment form. From a client file, only what is used is sent.
 */
export {
  ClerkProvider,
  CreateOrganization,
  OrganizationSwitcher,
  SignIn,
  SignUp,
  UserButton,
  UserProfile,
} from "@clerk/nextjs";
