/** Finds the object of an act, in the mirror or at Clerk. Deleted objects, and objects of another Clerk instance, are not found. */
import { clerk } from "../clerk";
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
import { callClerk } from "./at-clerk";

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
  /** An invitation to the app, without an organization. Clerk sends no webhook about it, so it is read from Clerk. */
  app_invitation: Common & { id: string; email: string; status: string };
  /** The Clerk instance itself: the object of an act that creates something. */
  instance: Common;
};

export type ObjectKind = keyof ObjectOf;

type Finders = { [Kind in ObjectKind]: (id: string) => Promise<ObjectOf[Kind] | null> };

type Membered = Membership & { user: User | null; organization: Organization | null };

function membershipName({ user, userId, organization, organizationId }: Membered): string {
  const member = user ? displayName(user) : userId;
  const place = organization ? organizationName(organization) : organizationId;
  return `${member} in ${place}`;
}

const emailOf = ({ email }: { email: string | null }) => visibleText(email);

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
    const { user: _user, organization: _organization, ...row } = found;
    return {
      ...{ id, label: membershipName(found), row },
      ...{ userId: found.userId, organizationId: found.organizationId },
    };
  },
  invitation: async (id) => {
    const row = await database().prisma.invitation.findFirst(where(id));
    if (!row?.organizationId) return null;
    const { organizationId, userId } = row;
    return { id, label: emailOf(row) ?? id, userId, organizationId, row };
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
  app_invitation: async (id) => {
    const { data } = await callClerk(() => clerk().invitations.getInvitationList({ query: id }));
    const found = data.find((invitation) => invitation.id === id);
    if (!found) return null;
    const { emailAddress: email, status } = found;
    return { id, label: email, userId: null, organizationId: null, email, status };
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

const some = (ids: readonly string[]) => ({
  where: { id: { in: ids.filter(isId) }, ...notDeleted },
});

const named = <Row extends { id: string }>(rows: Row[], nameOf: (row: Row) => string | null) =>
  rows.map((row): [string, string] => [row.id, nameOf(row) ?? row.id]);

/** The names of mirrored objects of one kind by their ids, in one query. Deleted objects have none, as have those of Clerk alone. */
export async function objectNamesOf(
  kind: string,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const { prisma } = database();
  switch (kind) {
    case "user":
      return new Map(named(await prisma.user.findMany(some(ids)), displayName));
    case "organization":
      return new Map(named(await prisma.organization.findMany(some(ids)), organizationName));
    case "membership": {
      const include = { user: true, organization: true };
      const rows = await prisma.membership.findMany({ ...some(ids), include });
      return new Map(named(rows, membershipName));
    }
    case "invitation":
      return new Map(named(await prisma.invitation.findMany(some(ids)), emailOf));
    case "domain":
      return new Map(
        named(await prisma.domain.findMany(some(ids)), ({ name }) => visibleText(name)),
      );
    default:
      return new Map();
  }
}
