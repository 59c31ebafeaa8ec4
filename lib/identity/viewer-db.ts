/**
 * The mirror as one viewer may see it: every query runs as the database's role `viewer_role()`, behind its row level
 * security, so that a query that forgets its filter returns nothing. Reads only: the role may write nowhere.
 */
import { database } from "../db";
import type { Viewer } from "./viewer";

function organizationsOf(viewer: Viewer | null): string {
  if (viewer?.isAdmin) return "*";
  return viewer?.user.memberships.map(({ organizationId }) => organizationId).join(",") ?? "";
}

function withRowLevelSecurity(viewer: Viewer | null) {
  const { prisma } = database();
  const viewerId = viewer?.user.id ?? "";
  const organizations = organizationsOf(viewer);
  return prisma.$extends({
    query: {
      async $allOperations({ args, query }) {
        // `true`: until the end of the transaction, which is this one query's.
        const [, result] = await prisma.$transaction([
          prisma.$executeRaw`SELECT set_config('rollcall.viewer', ${viewerId}, true),
            set_config('rollcall.organizations', ${organizations}, true), set_config('role', viewer_role(), true)`,
          query(args),
        ]);
        return result;
      },
    },
  });
}

export type ViewerDb = ReturnType<typeof withRowLevelSecurity>;

const made = new WeakMap<Viewer, ViewerDb>();

/** The mirror for this viewer, nothing of it for nobody. One per viewer, which is one per request. */
export function viewerDbFor(viewer: Viewer | null): ViewerDb {
  const known = viewer && made.get(viewer);
  if (known) return known;
  const mirror = withRowLevelSecurity(viewer);
  if (viewer) made.set(viewer, mirror);
  return mirror;
}
