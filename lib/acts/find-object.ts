/** Finds the mirrored object of an act. Tombstones and stub rows are not found. */
import { database, notDeleted } from "../db";
import { displayName, organizationName, visibleText } from "../format";
import type {
  Domain,
  Invitation,
  Membership,
  Organization,
  Session,
  User,
} from "../generated/prisma/client";

type Common = {
  id: string | null;
  /**
   * The text by which a person recognizes the object: the name of a user, an organization or a domain, the address of an
   * invitation, or the id of a session. For a membership, the names of the user and of the organization.
   */
  label: string;
  userId: string | null;
  organizationId: string | null;
};

type Row<Model> = Common & { id: string; row: Model };

export type ObjectOf = {
  user: Row<User>;
  organization: Row<Organization>;
  membership: Row<Membership> & { userId: string; organizationId: string };
  invitation: Row<Invitation> & { organizationId: string };
  session: Row<Session>;
  domain: Row<Domain> & { organizationId: string };
  /** The Clerk instance itself: the object of an act that creates something. */
  instance: Common;
};

export type ObjectKind = keyof ObjectOf;

type Finders = { [Kind in ObjectKind]: (id: string) => Promise<ObjectOf[Kind] | null> };

const where = (id: string) => ({ where: { id, ...notDeleted } });

const finders: Finders = {
  user: async (id) => {
    const row = await database().prisma.user.findFirst(where(id));
    return row && { id, label: displayName(row), userId: id, organizationId: null, row };
  },
  organization: async (id) => {
    const row = await database().prisma.organization.findFirst(where(id));
    return row && { id, label: organizationName(row), userId: null, organizationId: id, row };
  },
  membership: async (id) => {
    const found = await database().prisma.membership.findFirst({
      ...where(id),
      include: { user: true, organization: true },
    });
    if (!found?.userId || !found.organizationId) return null;
    const { user, organization, ...row } = found;
    const member = user ? displayName(user) : found.userId;
    const place = organization ? organizationName(organization) : found.organizationId;
    return {
      ...{ id, label: `${member} in ${place}`, row },
      ...{ userId: found.userId, organizationId: found.organizationId },
    };
  },
  invitation: async (id) => {
    const row = await database().prisma.invitation.findFirst(where(id));
    if (!row?.organizationId) return null;
    const { organizationId, userId } = row;
    return { id, label: visibleText(row.email) ?? id, userId, organizationId, row };
  },
  session: async (id) => {
    const row = await database().prisma.session.findFirst(where(id));
    return row && { id, label: id, userId: row.userId, organizationId: null, row };
  },
  domain: async (id) => {
    const row = await database().prisma.domain.findFirst(where(id));
    if (!row?.organizationId) return null;
    const { organizationId } = row;
    return { id, label: visibleText(row.name) ?? id, userId: null, organizationId, row };
  },
  instance: async () => ({
    ...{ id: null, label: "your Clerk instance", userId: null, organizationId: null },
  }),
};

/** True if the text has the form of an id. Other texts are not sent to Postgres, which refuses NUL, for example. */
const isId = (id: string) => /^[\w-]{1,200}$/.test(id);

export async function findObject<Kind extends ObjectKind>(
  kind: Kind,
  id: string | null,
): Promise<ObjectOf[Kind] | null> {
  if (kind === "instance") return finders[kind]("");
  return id !== null && isId(id) ? finders[kind](id) : null;
}

/**
 * Resolves to the present name of the object of a recorded act. Resolves to null for the instance and for an object that is not
 * found.
 */
export async function objectNameOf(kind: string, id: string): Promise<string | null> {
  if (!isKind(kind) || kind === "instance") return null;
  return (await findObject(kind, id))?.label ?? null;
}

const isKind = (kind: string): kind is ObjectKind => kind in finders;
