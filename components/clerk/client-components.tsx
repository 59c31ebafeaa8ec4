"use client";

/**
 * Clerk's components for pages and layouts. A page that imports them from `@clerk/nextjs` sends all of Clerk's hooks and components
 * to the browser, with a query client and a payment form. From a client file, only what is used is sent.
 */
import {
  CreateOrganization as ClerkCreateOrganization,
  OrganizationSwitcher as ClerkOrganizationSwitcher,
  ClerkProvider,
  SignIn as ClerkSignIn,
  SignUp as ClerkSignUp,
  UserButton as ClerkUserButton,
  UserProfile as ClerkUserProfile,
} from "@clerk/nextjs";
import type { ComponentType, ReactNode } from "react";
import { useIsHydrated } from "@/components/ui/use-is-hydrated";

/**
 * Makes a component of Clerk render its fallback until the page has hydrated. Once Clerk's script has loaded, the component renders
 * one element more. A script that loads before hydration would thus make React discard the server's HTML (error 418).
 */
function afterHydration<Props extends { fallback?: ReactNode }>(Component: ComponentType<Props>) {
  return function AfterHydration(props: Props) {
    return useIsHydrated() ? <Component {...props} /> : props.fallback;
  };
}

export { ClerkProvider };
// Marked as pure, so that a page gets only the components that it uses.
export const CreateOrganization = /* @__PURE__ */ afterHydration(ClerkCreateOrganization);
export const OrganizationSwitcher = /* @__PURE__ */ afterHydration(ClerkOrganizationSwitcher);
export const SignIn = /* @__PURE__ */ afterHydration(ClerkSignIn);
export const SignUp = /* @__PURE__ */ afterHydration(ClerkSignUp);
export const UserButton = /* @__PURE__ */ afterHydration(ClerkUserButton);
export const UserProfile = /* @__PURE__ */ afterHydration(ClerkUserProfile);
