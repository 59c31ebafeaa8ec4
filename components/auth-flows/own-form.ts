/** Parses the URL of `/join` and `/enter`, our own forms, on the server. */
import { z } from "zod";
import { authDestination } from "@/components/clerk/auth-destination";
import { paths } from "@/lib/paths";

const text = z.string().optional().catch(undefined);
const parameters = z.object({ sso: text, __clerk_status: text, __clerk_ticket: text });

const pages = { signUp: paths.join, signIn: paths.enter };

/**
 * Returns the props of the form (`form`), the URL for the mailed link (`linkPath`), and:
 * - `signedInPath`: where to redirect a viewer who is already signed in; null in a tab that a mailed link has opened.
 * - `linkStatus`: Clerk's result of a mailed link; undefined in any other tab.
 * - `form.ticket`: the ticket of an invitation or of a sign-in link, with which the form signs up or in.
 */
export function ownForm(request: {
  purpose: "signUp" | "signIn";
  searchParams: unknown;
  headers: Pick<Headers, "get">;
  origin: string;
}) {
  const { purpose, searchParams, headers, origin } = request;
  const {
    sso,
    __clerk_ticket: ticket = null,
    __clerk_status: status,
  } = parameters.parse(searchParams);
  // With a ticket, the status says which form the invited person needs. It is not the result of a mailed link.
  const linkStatus = ticket === null ? status : undefined;
  const formPath = pages[purpose];
  const { afterPath, otherFormPath, signedInPath } = authDestination({
    searchParams,
    headers,
    origin,
    formPath,
    otherForm: purpose === "signUp" ? pages.signIn : pages.signUp,
  });
  const withRedirect = (more: Record<string, string>) =>
    `${formPath}?${new URLSearchParams({ redirect_url: afterPath, ...more })}`;
  return {
    signedInPath: linkStatus === undefined ? signedInPath : null,
    linkStatus,
    form: {
      afterPath,
      otherFormPath,
      returnPath: withRedirect({ sso: "return" }),
      clerkFormPath: `${purpose === "signUp" ? paths.signUp : paths.signIn}?${new URLSearchParams({ redirect_url: afterPath })}`,
      isReturning: sso === "return",
      ticket,
    },
    linkPath: withRedirect({}),
  };
}
