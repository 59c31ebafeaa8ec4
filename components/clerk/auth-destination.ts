import { z } from "zod";
import { paths, safeRedirect } from "@/lib/paths";

const text = z.string().optional().catch(undefined);
const parameters = z.object({
  redirect_url: text,
  // Clerk's name for the same, on the way back from a provider.
  sign_in_force_redirect_url: text,
  account: z.literal("another").optional().catch(undefined),
  // A link that signs somebody in, perhaps somebody else.
  __clerk_ticket: text,
});

type Asked = {
  searchParams: unknown;
  headers: Pick<Headers, "get">;
  origin: string;
  path: string;
  sisterPath: string;
};

/**
 * What an auth page (`path`) needs to know of its address. `after` is where to land, always on `origin`; `sister` its
 * sister page (sign up from sign in, and back), which leads to the same place; `whenSignedIn` where whoever is signed
 * in already is led on to, or null if they are there to sign in beside it.
 */
export function authDestination({ searchParams, headers, origin, path, sisterPath }: Asked) {
  const { redirect_url, sign_in_force_redirect_url, account, __clerk_ticket } =
    parameters.parse(searchParams);
  const wanted = redirect_url ?? sign_in_force_redirect_url;
  const after = wanted === undefined ? paths.home : safeRedirect(wanted, origin);
  const back: Record<string, string> = wanted === undefined ? {} : { redirect_url: after };
  const sister = withQuery(sisterPath, { ...back, ...(account ? { account } : {}) });
  // Clerk's form, which has just signed somebody in, has the page drawn again by an action, and then leads on itself.
  const isDrawnAgain = headers.get("next-action") !== null;
  const isMeant = account !== undefined || __clerk_ticket !== undefined || isDrawnAgain;
  const signedIn = isFurtherStep(headers.get("referer"), origin)
    ? withQuery(path, { ...back, account: "another" })
    : after;
  return { after, sister, whenSignedIn: isMeant ? null : signedIn };
}

function withQuery(path: string, fields: Record<string, string>): string {
  const query = new URLSearchParams(fields);
  return query.size === 0 ? path : `${path}?${query}`;
}

/**
 * Clerk's form leads back to its first step to add an account, and to say that a provider refused. Its links cannot be
 * told to say so, but where they come from does.
 */
function isFurtherStep(referer: string | null, origin: string): boolean {
  if (referer === null || !URL.canParse(referer)) return false;
  const url = new URL(referer);
  const isUnder = (path: string) => url.pathname.startsWith(`${path}/`);
  return url.origin === origin && (isUnder(paths.signIn) || isUnder(paths.signUp));
}
