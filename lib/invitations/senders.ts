/**
 * Finds what the recipient of an invitation may read before joining: the organization's name and image, and the inviter's name.
 */
import { z } from "zod";
import { database } from "../db";
import { organizationName, visibleText } from "../format";

export type InvitationSender = {
  organizationName: string;
  organizationImageUrl: string | null;
  /** The inviter's full name or username, never an e-mail address. Null when the inviter has neither, or is unknown. */
  inviterName: string | null;
};

const text = z.string().nullable();
const found = z.object({
  ...{ invitation_id: z.string(), id: z.string(), name: text, slug: text, image_url: text },
  ...{ first_name: text, last_name: text, username: text },
});

function nameOf({ first_name, last_name, username }: z.output<typeof found>): string | null {
  const parts = [first_name, last_name].flatMap((part) => visibleText(part) ?? []);
  return visibleText(parts.join(" ")) ?? visibleText(username);
}

const PENDING = "i.status = 'pending' AND (i.expires_at IS NULL OR i.expires_at > now())";

async function read(condition: string, values: unknown[]): Promise<Map<string, InvitationSender>> {
  const { rows } = await database().pool.query(
    `SELECT i.id AS invitation_id, o.id, o.name, o.slug, o.image_url, u.first_name, u.last_name, u.username
     FROM invitations i
     JOIN organizations o ON o.id = i.organization_id AND NOT o.deleted AND o.version > 0
     LEFT JOIN users u ON u.id = i.inviter_id AND NOT u.deleted AND u.version > 0
     WHERE NOT i.deleted AND i.version > 0 AND ${condition}`,
    values,
  );
  return new Map(
    z
      .array(found)
      .parse(rows)
      .map((row) => [
        row.invitation_id,
        {
          organizationName: organizationName(row),
          organizationImageUrl: row.image_url,
          inviterName: nameOf(row),
        },
      ]),
  );
}

/**
 * Resolves to the senders of these invitations, keyed by invitation id. Reads with the app's own role, because row level security
 * hides an organization from people who are not members yet. The caller must check that the viewer may read the invitation.
 */
export const findSenders = (invitationIds: readonly string[]) =>
  read("i.id = ANY ($1)", [[...invitationIds]]);

/**
 * Resolves to the sender of a pending invitation, for anyone who has its link. Null if the invitation is unknown, accepted,
 * revoked or expired.
 */
export async function findSenderByTicket(ticket: {
  invitationId: string;
  organizationId: string;
}): Promise<InvitationSender | null> {
  const { invitationId, organizationId } = ticket;
  const condition = `i.id = $1 AND i.organization_id = $2 AND ${PENDING}`;
  return (await read(condition, [invitationId, organizationId])).get(invitationId) ?? null;
}
