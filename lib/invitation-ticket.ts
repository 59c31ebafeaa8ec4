/** Reads the ticket in the link of an invitation e-mail. */
import { z } from "zod";

/** The claims of Clerk's ticket, which is a JWT. `sid` is the invitation's id. */
const claims = z.object({
  st: z.literal("organization_invitation"),
  sid: z.string().startsWith("orginv_"),
  oid: z.string().startsWith("org_"),
});

/**
 * Returns the ids in the ticket of an invitation; null for any other ticket. The ticket is not verified, because only Clerk can
 * verify it, so use the result only for a greeting and a redirect. An invitation's id cannot be guessed, and only the
 * invitation's e-mail contains it.
 */
export function invitationOfTicket(
  ticket: string | undefined,
): { invitationId: string; organizationId: string } | null {
  const payload = ticket?.split(".")[1];
  if (payload === undefined) return null;
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (char) =>
      char.charCodeAt(0),
    );
    const parsed = claims.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
    return parsed.success
      ? { invitationId: parsed.data.sid, organizationId: parsed.data.oid }
      : null;
  } catch {
    return null;
  }
}
