import { z } from "zod";
import { paths, safeRedirect } from "@/lib/paths";

const text = z.string().optional().catch(undefined);
const parameters = z.object({
  redirect_url: text,
  // Clerk's name for the same, on the way back from a provider.
  sign_in_force_redirect_url: text,
  account: z.literal("another").optional().catch(undefined),
});

/**
 * Where to land after an auth page, always on `origin`, its sister page (sign up from sign in, and back), which leads to
 * the same place, and whether an account is added to those that are signed in.
 */
export function destinationOf(searchParams: unknown, origin: string, sisterPath: string) {
  const { redirect_url, sign_in_force_redirect_url, account } = parameters.parse(searchParams);
  const wanted = redirect_url ?? sign_in_force_redirect_url;
  const after = wanted === undefined ? paths.home : safeRedirect(wanted, origin);
  const handedOn = new URLSearchParams({
    ...(wanted === undefined ? {} : { redirect_url: after }),
    ...(account ? { account } : {}),
  });
  const sister = handedOn.size === 0 ? sisterPath : `${sisterPath}?${handedOn}`;
  return { after, sister, isAnother: account !== undefined };
}
