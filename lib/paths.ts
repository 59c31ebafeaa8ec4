/** The URLs of the app's pages, in one place. */
export const paths = {
  landing: "/",
  home: "/home",
  signIn: "/sign-in",
  signUp: "/sign-up",
  /** `join` and `enter` are our own sign-up and sign-in forms. They exist in addition to Clerk's. */
  join: "/join",
  enter: "/enter",
  /** The sign-in page with which a signed-in user adds another account to the browser. */
  addAccount: "/sign-in?account=another",
  account: "/account",
  accountSessions: "/account/sessions",
  accountPurchases: "/account/purchases",
  accountPrivacy: "/account/privacy",
  /** Downloads the viewer's data archive. */
  accountArchive: "/api/account/archive",
  countries: "/countries", // part of the sample product
  country: (slug: string) => `/countries/${encodeURIComponent(slug)}`, // part of the sample product
  wishlist: "/wishlist", // part of the sample product
  person: (handle: string) => `/people/${encodeURIComponent(handle)}`, // part of the sample product
  followers: (handle: string) => `/people/${encodeURIComponent(handle)}/followers`, // part of the sample product
  following: (handle: string) => `/people/${encodeURIComponent(handle)}/following`, // part of the sample product
  profileSettings: "/settings/profile", // part of the sample product
  /** Redirects to the page of the viewer's active organization, or else of the one that the viewer joined last. */
  ownOrganization: "/org",
  newOrganization: "/organizations/new",
  /** An organization's page for its members. */
  memberOrganization: (id: string) => `/organizations/${encodeURIComponent(id)}`,
  /** The page that opens after a user has deleted their account. */
  accountDeleted: "/account-deleted",
  /** The page `accountDeleted`, with the receipt of the user's erasure. */
  erasureReceipt: (token: string) => `/account-deleted?receipt=${encodeURIComponent(token)}`,
  console: "/admin",
  users: "/admin/users",
  user: (id: string) => `/admin/users/${encodeURIComponent(id)}`,
  /** The acts on many objects, under way and past. */
  bulkActs: "/admin/bulk",
  /** The progress of an act on many objects. */
  bulkAct: (id: string) => `/admin/bulk/${encodeURIComponent(id)}`,
  organizations: "/admin/organizations",
  invitations: "/admin/invitations",
  /** Invitations to the app, without an organization. */
  appInvitations: "/admin/invitations/app",
  audit: "/admin/audit",
  /** Downloads a list of the console. */
  consoleExport: "/api/console/export",
  archive: "/admin/archive",
  sync: "/admin/sync",
  reconciliation: (id: string) => `/admin/sync/runs/${encodeURIComponent(id)}`,
  deliveries: "/admin/deliveries",
  /** The list of deliveries, filtered by an outcome or a state, such as `dead` or `pending`. */
  deliveriesWith: (outcome: string) => `/admin/deliveries?outcome=${encodeURIComponent(outcome)}`,
  /** Sends a sample event, and verifies a pasted delivery. */
  deliveryTest: "/admin/deliveries/test",
  effects: "/admin/effects",
  /** The dead letters of one handler: failed effects that are not retried any more. */
  effectsOf: (handler: string) => `/admin/effects?handler=${encodeURIComponent(handler)}`,
  delivery: (svixId: string) => `/admin/deliveries/${encodeURIComponent(svixId)}`,
  erasures: "/admin/erasures",
  /** Objects that the newest reconciliation could not read. */
  syncUnread: "/admin/sync/unread",
  /** Users who are signed in, but whose data could not be loaded from Clerk yet. */
  syncProfiles: "/admin/sync/profiles",
  organization: (id: string) => `/admin/organizations/${encodeURIComponent(id)}`,
} as const;

/** Returns the path of the sign-in page, which leads to `path` after sign-in. */
export function signInPath(path: string): string {
  return `${paths.signIn}?${new URLSearchParams({ redirect_url: path })}`;
}

/** Returns the path of the console's page Archive, with an entry's key in the search field. */
export function archiveEntryPath(key: string): string {
  return `${paths.archive}?${new URLSearchParams({ key })}`;
}

/**
 * Returns the path of Clerk's page for the task of a pending session, such as choosing an organization. That page leads to `path`
 * afterwards.
 */
export function tasksPath(path: string): string {
  return `${paths.signIn}/tasks?${new URLSearchParams({ redirect_url: path })}`;
}

/**
 * Returns the page that the link in an invitation e-mail leads to. Clerk adds the invitation's ticket, and a parameter that says
 * whether the user must sign in, must sign up, or has joined already.
 */
export function invitationLandingPath(organizationId: string): string {
  return `/invitation?${new URLSearchParams({ organization: organizationId })}`;
}

/** Returns the path of the home page with a welcome to a new member of this organization. */
export function welcomePath(organizationId: string): string {
  return `${paths.home}?${new URLSearchParams({ joined: organizationId })}`;
}

/**
 * Matches a control character, plain or percent-encoded. It must be found before the URL is parsed, because the parser drops line
 * breaks. A line break in the result could end an HTTP header.
 */
const CONTROL = /\p{Cc}|%[01][\da-f]|%7f/iu;

/**
 * Returns the path to open after sign-in: the path of `requestedUrl` if that URL is on `origin`, or else the landing page.
 * Returns only a path, so the result cannot contain another origin, a scheme, credentials or a header break.
 */
export function safeRedirect(requestedUrl: string, origin: string): string {
  if (CONTROL.test(requestedUrl) || !URL.canParse(requestedUrl, origin)) return paths.landing;
  const url = new URL(requestedUrl, origin);
  if (url.origin !== origin || url.username || url.password) return paths.landing;
  const path = `${url.pathname}${url.search}${url.hash}`;
  return path.startsWith("//") ? paths.landing : path;
}

/** The first path segments of pages that need a signed-in user: those in `app/(session)/(member)`, and the console. */
const memberSegments = new Set([
  "account",
  "admin",
  "home",
  "org",
  "organizations",
  "settings",
  "wishlist", // part of the sample product
]);

/**
 * True for pages that need a signed-in user. The middleware redirects guests from these pages; the pages themselves check access.
 */
export function isMemberPath(pathname: string): boolean {
  return memberSegments.has(pathname.split("/")[1] ?? "");
}

/**
 * Returns the URL of a page of Clerk's dashboard, in the instance that the admin used last; for a local Clerk, the URL of its
 * control page.
 */
export function clerkDashboardUrl(localApiUrl: string | undefined, path: string): string {
  if (localApiUrl) return localApiUrl;
  return `https://dashboard.clerk.com/last-active?${new URLSearchParams({ path })}`;
}

/** The path without slashes at its end: "/admin/" and "/admin" are one page. */
export const trimmedPath = (path: string): string => path.replace(/(.)\/+$/, "$1");
