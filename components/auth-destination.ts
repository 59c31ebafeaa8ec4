import { z } from "zod";
import { paths, safeRedirect } from "@/lib/paths";

const parameters = z.object({ redirect_url: z.string().optional().catch(undefined) });

/**
 * Where to land after an auth page, always on `origin`, and its sister page (sign up from sign in, and back), which leads
 * to the same place.
 */
export function destinationOf(searchParams: unknown, origin: string, sisterPath: string) {
  const { redirect_url } = parameters.parse(searchParams);
  if (redirect_url === undefined) return { after: paths.home, sister: sisterPath };
  const after = safeRedirect(redirect_url, origin);
  return { after, sister: `${sisterPath}?${new URLSearchParams({ redirect_url: after })}` };
}
