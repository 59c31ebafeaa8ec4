/**
 * A database client for one viewer. Every query runs as the role `viewer_role()` under row level security. So even a query that
 * lacks a filter returns only rows that this viewer may read. Read-only: the role has no write privilege.
 */
import { database } from "../db";
import type { Source } from "../replica";
import type { Viewer } from "./viewer";

function organizationsOf(viewer: Viewer | null): string {
  if (viewer?.isAdmin) return "*";
  return viewer?.user.memberships.map(({ organizationId }) => organizationId).join(",") ?? "";
}

function withRowLevelSecurity(viewer: Viewer | null, { prisma }: Source) {
  const viewerId = viewer?.user.id ?? "";
  const organizations = organizationsOf(viewer);
  return prisma.$extends({
    query: {
      async $allOperations({ args, query }) {
        // `true` limits the settings to this transaction, which contains only this query.
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

/** The clients of each viewer, by the server that they read from. */
const clients = new WeakMap<Source["prisma"], WeakMap<Viewer, ViewerDb>>();

/**
 * Returns the client of a viewer. Each viewer object has its own client, so each request has its own. Without a viewer, a query
 * returns only rows that guests may read. `source` is the primary, or a standby, which has the same roles and policies.
 */
export function viewerDbFor(viewer: Viewer | null, source: Source = database()): ViewerDb {
  if (!viewer) return withRowLevelSecurity(null, source);
  const ofSource = clients.get(source.prisma) ?? new WeakMap<Viewer, ViewerDb>();
  clients.set(source.prisma, ofSource);
  const client = ofSource.get(viewer) ?? withRowLevelSecurity(viewer, source);
  ofSource.set(viewer, client);
  return client;
}

type Tables = ReturnType<typeof database>["prisma"];

export type SearchDb = {
  user: Pick<Tables["user"], "findMany" | "count">;
  organization: Pick<Tables["organization"], "findMany" | "count">;
};

/**
 * Returns a client for a platform admin's searches. It reads as the app's own role, because Postgres uses no trigram index under
 * row level security. It would apply the policy before LIKE, which may leak values. The policy hides no row from an admin.
 * @throws for other viewers.
 */
export function searchDbFor(viewer: Viewer | null, source: Source = database()): SearchDb {
  if (!viewer?.isAdmin) throw new Error("Only a platform admin may search all rows.");
  return source.prisma;
}
