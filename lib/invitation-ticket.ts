/** Reads the ticket in the link of an invitation mail. */
import { z } from "zod";

/** The claims of Clerk's ticket: a JWT, `sid` names the invitation. */
const claims = z.object({
  st: z.literal("organization_invitation"),
  sid: z.string().startsWith("orginv_"),
  oid: z.string().startsWith("org_"),
});

/**
 * The invitation that a ticket is for; null for any other ticket. Not verified, because only Clerk can: good for a greeting and a
 * redirect. The id of an invitation cannot be guessed, and stands in its mail only.
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
