/**
 * The database as one viewer may read it: every query runs as the role `viewer_role()` under row level
 * security, so a query without its filter returns no row of others. Read-only: the role has no write privilege.
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
        // `true` limits the settings to the transaction, which holds this query only.
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

const clients = new WeakMap<Viewer, ViewerDb>();

/** One client for each viewer, which is one for each request. For null, every table is empty. */
export function viewerDbFor(viewer: Viewer | null): ViewerDb {
  const existing = viewer && clients.get(viewer);
  if (existing) return existing;
  const client = withRowLevelSecurity(viewer);
  if (viewer) clients.set(viewer, client);
  return client;
}
