/** Looks up names of users and organizations for the fields that show who acted, or on what. */
import { notDeleted } from "../../db";
import { displayName, organizationName } from "../../format";
import { type Context, viewerDbOf } from "../context";
import { FieldLoaders } from "./batch-load";
import { namedUser } from "./user";

const names = new FieldLoaders<string>();

async function findNames(context: Context, ids: readonly string[]): Promise<Map<string, string>> {
  const db = viewerDbOf(context);
  const where = (prefix: string) => ({
    id: { in: ids.filter((id) => id.startsWith(prefix)) },
    ...notDeleted,
  });
  const [users, organizations] = await Promise.all([
    ids.some((id) => id.startsWith("user_"))
      ? db.user.findMany({ where: where("user_"), select: namedUser })
      : [],
    ids.some((id) => id.startsWith("org_"))
      ? db.organization.findMany({
          where: where("org_"),
          select: { id: true, name: true, slug: true },
        })
      : [],
  ]);
  return new Map([
    ...users.map((user): [string, string] => [user.id, displayName(user)]),
    ...organizations.map((one): [string, string] => [one.id, organizationName(one)]),
  ]);
}

/** One key for all fields of a request, so that one call loads all names of a page. */
const allFields = {};

/**
 * Resolves to the name of a user or an organization. Null for any other id, and for one that is deleted or not visible to the
 * viewer.
 */
export async function nameOf(context: Context, id: string | null): Promise<string | null> {
  if (id === null) return null;
  return (await names.load(context, allFields, id, (ids) => findNames(context, ids))) ?? null;
}
