import { z } from "zod";
import { invitationOfTicket } from "@/lib/invitation-ticket";
import { paths, safeRedirect, welcomePath } from "@/lib/paths";

const text = z.string().optional().catch(undefined);
const parameters = z.object({
  redirect_url: text,
  // When a person returns from an OAuth provider, Clerk sends `redirect_url` under this name.
  sign_in_force_redirect_url: text,
  account: z.literal("another").optional().catch(undefined),
  // The ticket of a sign-in link. The link may be for another account, so a signed-in user with a ticket still sees the form.
  __clerk_ticket: text,
});

type AuthRequest = {
  searchParams: unknown;
  headers: Pick<Headers, "get">;
  origin: string;
  /** The path of this form's page, sign-in or sign-up. */
  formPath: string;
  /** The path of the other form's page. */
  otherForm: string;
};

/**
 * Returns the paths that a sign-in or sign-up page links or redirects to.
 * - `afterPath`: where to go after the form. Always a path on `origin`. By default, the page that
 *   welcomes the new member if the person was invited, or else the home page.
 * - `otherFormPath`: the other form, with the same `afterPath`.
 * - `signedInPath`: where to redirect a viewer who is already signed in; null if the page must show them the form, such as to add
 *   an account.
 */
export function authDestination(request: AuthRequest) {
  const { searchParams, headers, origin, formPath, otherForm } = request;
  const { redirect_url, sign_in_force_redirect_url, account, __clerk_ticket } =
    parameters.parse(searchParams);
  const requestedUrl = redirect_url ?? sign_in_force_redirect_url;
  const invitation = invitationOfTicket(__clerk_ticket);
  const defaultPath = invitation ? welcomePath(invitation.organizationId) : paths.home;
  const afterPath = requestedUrl === undefined ? defaultPath : safeRedirect(requestedUrl, origin);
  const redirect: Record<string, string> =
    requestedUrl === undefined ? {} : { redirect_url: afterPath };
  const otherFormPath = withQuery(otherForm, { ...redirect, ...(account ? { account } : {}) });
  // After a sign-in, Clerk's form refreshes this page by a server action, and then navigates itself. So the refresh must not
  // redirect.
  const isRefreshByForm = headers.get("next-action") !== null;
  const addsAccount = account !== undefined || __clerk_ticket !== undefined || isRefreshByForm;
  const signedInPath = isLaterStep(headers.get("referer"), origin)
    ? withQuery(formPath, { ...redirect, account: "another" })
    : afterPath;
  return { afterPath, otherFormPath, signedInPath: addsAccount ? null : signedInPath };
}

function withQuery(path: string, fields: Record<string, string>): string {
  const query = new URLSearchParams(fields);
  return query.size === 0 ? path : `${path}?${query}`;
}

/**
 * Returns whether the browser comes from a later step of one of Clerk's forms. Such a step links back to the first step to add an
 * account, or to show a provider's refusal. These links have no parameter that identifies the step, so the function reads the
 * referer.
 */
function isLaterStep(referer: string | null, origin: string): boolean {
  if (referer === null || !URL.canParse(referer)) return false;
  const url = new URL(referer);
  const isUnder = (path: string) => url.pathname.startsWith(`${path}/`);
  return url.origin === origin && (isUnder(paths.signIn) || isUnder(paths.signUp));
}
