/** What the database tells, as the triggers of `prisma/migrations/*_tell_changes` spell it. Total: never throws. */
import { z } from "zod";

const ids = z.array(z.string());

const told = z.union([
  z.object({ table: z.string(), flush: z.literal(true) }),
  z.object({ table: z.enum(["users", "organizations", "deliveries"]), ids }),
  z.object({ table: z.literal("memberships"), ids, users: ids, organizations: ids }),
  z.object({ table: z.literal("sessions"), ids, users: ids }),
]);

/**
 * A committed change. `flush`: so many rows of a table changed that they are not named. `gap`: the connection was lost,
 * and what was told meanwhile is not known.
 */
export type LiveMessage = z.output<typeof told> | { gap: true };

/** A message that cannot be read is a gap: something changed, and we do not know what. */
export function parseMessage(payload: string | undefined): LiveMessage {
  try {
    return told.safeParse(JSON.parse(payload ?? "")).data ?? { gap: true };
  } catch {
    return { gap: true };
  }
}
