/** Parses the notifications that the triggers of `prisma/migrations/*_tell_changes` send. Never throws. */
import { z } from "zod";

const ids = z.array(z.string());

const notification = z.union([
  z.object({ table: z.string(), flush: z.literal(true) }),
  z.object({ table: z.enum(["users", "organizations", "deliveries"]), ids }),
  z.object({ table: z.enum(["memberships", "invitations"]), ids, users: ids, organizations: ids }),
  z.object({ table: z.literal("sessions"), ids, users: ids }),
  z.object({ table: z.enum(["wishlist_items", "follows"]), users: ids }), // part of the sample product
]);

/**
 * A committed change, or a gap. `flush`: too many rows of the table changed to list their ids. `gap`: messages were lost, so
 * anything may have changed.
 */
export type LiveMessage = z.output<typeof notification> | { gap: true };

/** Parses a notification. Returns a gap for an unreadable notification: something changed, but it is unknown what. */
export function parseMessage(payload: string | undefined): LiveMessage {
  try {
    return notification.safeParse(JSON.parse(payload ?? "")).data ?? { gap: true };
  } catch {
    return { gap: true };
  }
}
