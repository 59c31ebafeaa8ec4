/**
 * The mirror as one viewer may see it: every query runs as the database's role `rollcall_viewer`, behind its row level
 * security, so that a query that forgets its filter returns nothing. Reads only: the role may write nowhere.
 */
import { database } from "../db";
import type { Viewer } from "./viewer";

function organizationsOf(viewer: Viewer | null): string {
  if (viewer?.isAdmin) return "*";
  return viewer?.person.memberships.map(({ organizationId }) => organizationId).join(",") ?? "";
}

function behindTheWall(viewer: Viewer | null) {
  const { prisma } = database();
  const viewerId = viewer?.person.id ?? "";
  const organizations = organizationsOf(viewer);
  return prisma.$extends({
    query: {
      async $allOperations({ args, query }) {
        // `true`: until the end of the transaction, which is this one query's.
        const [, result] = await prisma.$transaction([
          prisma.$executeRaw`SELECT set_config('rollcall.viewer', ${viewerId}, true),
            set_config('rollcall.organizations', ${organizations}, true), set_config('role', 'rollcall_viewer', true)`,
          query(args),
        ]);
        return result;
      },
    },
  });
}

export type Mirror = ReturnType<typeof behindTheWall>;

const made = new WeakMap<Viewer, Mirror>();

/** The mirror for this viewer, nothing of it for nobody. One per viewer, which is one per request. */
export function mirrorFor(viewer: Viewer | null): Mirror {
  const known = viewer && made.get(viewer);
  if (known) return known;
  const mirror = behindTheWall(viewer);
  if (viewer) made.set(viewer, mirror);
  return mirror;
}
