/** The orders of an organization's members. Some are by an attribute of the user, which the membership's row does not have. */
import { z } from "zod";
import type { Membership as MembershipRow, Prisma } from "../../generated/prisma/client";
import { anId, byCreation, byId, byText, byTime, type SortKey } from "./keyset-pagination";
import { listOrders } from "./list-arguments";
import { isStorable } from "./storable-text";

type UserSort = { sortName?: string | null; sortEmail?: string | null; sortState?: number | null };
/** A membership, with what it is sorted by if that is an attribute of its user. */
export type SortedMember = Pick<MembershipRow, "id" | "createdAt" | "updatedAt" | "sortRole"> & {
  userSort?: UserSort;
  user?: UserSort | null;
};

type Where = Prisma.MembershipWhereInput;
type Order = Prisma.MembershipOrderByWithRelationInput[];

const aText = z.string().refine(isStorable);

/**
 * Sorts by an attribute of the user. No index has it: Postgres reads the organization's members and sorts them, so the cost grows
 * with the organization, not with the instance.
 */
function byUser<Value extends string | number>(
  name: keyof UserSort,
  value: z.ZodType<Value>,
  direction: "ASC" | "DESC",
): SortKey<SortedMember, Where, Order> {
  const put = (condition: unknown): Where => ({ user: { [name]: condition } });
  const later = direction === "ASC" ? ("gt" as const) : ("lt" as const);
  const earlier = direction === "ASC" ? ("lt" as const) : ("gt" as const);
  const beside = (side: "lt" | "gt", position: Value, id: string): Where => ({
    OR: [put({ [side]: position }), { AND: [put(position), { id: { [side]: id } }] }],
  });
  const parse = (given: unknown, givenId: unknown) =>
    [value.nullable().parse(given), anId.parse(givenId)] as const;
  const orderBy = (sort: "asc" | "desc", nulls: "first" | "last"): Order => [
    { user: { [name]: { sort, nulls } } },
    { id: sort },
  ];
  const sort = direction === "ASC" ? "asc" : "desc";
  return {
    direction,
    valueOf: ({ userSort, user }) => (userSort ?? user)?.[name] ?? null,
    rowsAfter: (given, givenId) => {
      const [position, id] = parse(given, givenId);
      return position === null
        ? [{ AND: [put(null), { id: { [later]: id } }] }]
        : [beside(later, position, id), put(null)];
    },
    rowsBefore: (given, givenId) => {
      const [position, id] = parse(given, givenId);
      return position === null
        ? [{ AND: [put(null), { id: { [earlier]: id } }] }, put({ not: null })]
        : [beside(earlier, position, id)];
    },
    natural: orderBy(sort, "last"),
    reversed: orderBy(sort === "asc" ? "desc" : "asc", "first"),
  };
}

const ofUser = {
  NAME: byUser("sortName", aText, "ASC"),
  EMAIL: byUser("sortEmail", aText, "ASC"),
  STATE: byUser("sortState", z.int32(), "DESC"),
};

export const memberOrders = listOrders<
  SortedMember,
  Where,
  Prisma.MembershipOrderByWithRelationInput
>("Member", {
  JOINED_AT: byCreation,
  UPDATED_AT: byTime("updatedAt", (updatedAt) => ({ updatedAt })),
  ROLE: byText("sortRole", (sortRole) => ({ sortRole })),
  ID: byId,
  ...ofUser,
});

/** True for an order by an attribute of the user. */
export const isByUser = (key: SortKey<SortedMember, Where, Order>): boolean =>
  Object.values(ofUser).some((each) => each === key);
