/** URLs, spelled once. */
export const paths = {
  landing: "/",
  home: "/home",
  signIn: "/sign-in",
  signUp: "/sign-up",
  /** Where somebody who is signed in signs in as somebody else beside it. */
  addAccount: "/sign-in?account=another",
  account: "/account",
  newOrganization: "/organizations/new",
  console: "/admin",
  users: "/admin/users",
  user: (id: string) => `/admin/users/${encodeURIComponent(id)}`,
  organizations: "/admin/organizations",
  health: "/admin/health",
  organization: (id: string) => `/admin/organizations/${encodeURIComponent(id)}`,
} as const;

/** The sign-in page that leads back to `path` afterwards. */
export function signInPath(path: string): string {
  return `${paths.signIn}?${new URLSearchParams({ redirect_url: path })}`;
}

/** A line break or another control character, which the URL parser would drop or a header would end at; encoded too. */
const CONTROL = /\p{Cc}|%[01][\da-f]|%7f/iu;

/**
 * Where to go after signing in: `wanted` when it is on `origin`, else the landing page. Always a path, so that no other
 * origin, scheme, user info or header break can come out.
 */
export function safeRedirect(wanted: string, origin: string): string {
  if (CONTROL.test(wanted) || !URL.canParse(wanted, origin)) return paths.landing;
  const url = new URL(wanted, origin);
  if (url.origin !== origin || url.username || url.password) return paths.landing;
  const path = `${url.pathname}${url.search}${url.hash}`;
  return path.startsWith("//") ? paths.landing : path;
}

/** Pages for signed-in people. The middleware redirects strangers from here; the pages themselves do the refusing. */
export function isMemberPath(pathname: string): boolean {
  return /^\/(home|admin|organizations|account)(\/|$)/.test(pathname);
}
