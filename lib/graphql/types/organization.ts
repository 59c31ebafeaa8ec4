import { queryFromInfo } from "@pothos/plugin-prisma";
import { notDeleted } from "../../db";
import { organizationName } from "../../format";
import type {
  Membership as MembershipRow,
  Organization as OrganizationRow,
  Prisma,
} from "../../generated/prisma/client";
import type { Viewer } from "../../identity/viewer";
import { builder } from "../builder";
import { type Context, listReadOf, searchReadOf, viewerDbOf } from "../context";
import { graphQLError } from "../errors";
import { FieldLoaders } from "./batch-load";
import { DRIFTED, findDrifted } from "./drifted";
import { planRead } from "./estimate";
import {
  byCount,
  byCreation,
  byFlag,
  byId,
  byText,
  byTime,
  everyPage,
  keysetConnection,
} from "./keyset-pagination";
import {
  given,
  IntRange,
  inIntRange,
  inTimeRange,
  listOrders,
  ONLY_IDS,
  storable,
  TimeRange,
  withIds,
} from "./list-arguments";
import {
  exportedMember,
  exportedOrganization,
  type MemberLine,
  type OrganizationLine,
} from "./list-reader";
import { isByUser, memberOrders, type SortedMember } from "./member-orders";
import { liveMembership, Membership } from "./membership";
import { nameOf } from "./name-of";
import { addSimilar, matching, matchingProfile, OR_SIMILAR, parseSearch, SIMILAR } from "./search";
import { isStorable } from "./storable-text";

function isMember(viewer: Viewer | null, organizationId: string): boolean {
  return (
    viewer?.user.memberships.some((membership) => membership.organizationId === organizationId) ??
    false
  );
}

/**
 * @throws FORBIDDEN if the id is the organization of the session's token, and the viewer is no longer, or not yet, its member. On
 * FORBIDDEN, the client refreshes its session. A former member knows that the organization exists, so nothing is revealed.
 */
export function refuseFormerMember(
  { authentication: { viewer } }: Context,
  id: string | null | undefined,
): void {
  if (!viewer || viewer.isAdmin || !id || id !== viewer.claims.organizationId) return;
  if (isMember(viewer, id) || viewer.user.stubOrganizationIds.includes(id)) return;
  throw graphQLError(
    "FORBIDDEN",
    "You are not a member of your session's organization: you left it, or you joined only now. Refresh the session.",
  );
}

/** Access for members and platform admins. Set on the type, so that it applies to every field that returns an organization. */
const memberOrAdmin = ({ id }: { id: string }, { authentication }: Context) =>
  isMember(authentication.viewer, id) ? true : { admin: true };

/** Loaders that run one query for the members of all organizations in a list, and one for the member counts. */
const pages = new FieldLoaders<MembershipRow[]>();
const counts = new FieldLoaders<number>();

const memberFilter = builder.inputType("MemberFilter", {
  fields: (t) => ({
    role: t.string({ description: "Clerk's role key, e.g. org:admin." }),
    joinedAt: t.field({ type: TimeRange }),
    ids: t.idList({ description: ONLY_IDS }),
  }),
});

export const Organization = builder.prismaObject("Organization", {
  description: "An organization of the Clerk instance, from the mirror.",
  authScopes: memberOrAdmin,
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false }),
    name: t.string({
      nullable: false,
      description: "The first that has visible text: name, slug, id.",
      resolve: organizationName,
    }),
    slug: t.exposeString("slug"),
    imageUrl: t.exposeString("imageUrl"),
    hasImage: t.exposeBoolean("hasImage"),
    publicMetadata: t.expose("publicMetadata", { type: "JSON" }),
    maxAllowedMemberships: t.float({
      description: "How many members it may have; 0 for no limit.",
      resolve: ({ maxAllowedMemberships }) =>
        maxAllowedMemberships === null ? null : Number(maxAllowedMemberships),
    }),
    adminDeleteEnabled: t.exposeBoolean("adminDeleteEnabled", {
      description: "True if its admins may delete it.",
    }),
    createdBy: t.exposeID("createdBy", {
      description: "The id of the user who created it. For platform admins.",
      authScopes: { admin: true },
    }),
    createdByName: t.string({
      description: "The name of that user; null if deleted. For platform admins.",
      authScopes: { admin: true },
      resolve: ({ createdBy }, _args, context) => nameOf(context, createdBy),
    }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    updatedAt: t.expose("updatedAt", { type: "DateTime" }),
    isDeleted: t.exposeBoolean("deleted", {
      nullable: false,
      description: "True for what is left of a deleted organization: the id.",
      authScopes: { admin: true },
    }),
    membersCount: t.relationCount("memberships", {
      nullable: false,
      where: { ...notDeleted, user: notDeleted },
    }),
    members: t.connection({
      type: Membership,
      nullable: false,
      description:
        "The memberships, newest first unless ordered. For members of the organization and platform admins.",
      args: {
        filter: t.arg({ type: memberFilter }),
        orderBy: t.arg({ type: memberOrders.input }),
        query: t.arg.string({
          description:
            "Words in a member's name, username or primary e-mail address. For platform admins also in the other addresses and the phone numbers.",
        }),
      },
      resolve: async ({ id }, { query, filter, orderBy, ...args }, context, info) => {
        const search = await parseSearch(query);
        const isAdmin = context.authentication.viewer?.isAdmin === true;
        const where = {
          AND: [
            liveMembership,
            ...(search ? [{ user: isAdmin ? matching(search) : matchingProfile(search) }] : []),
            ...given(filter?.role, (role) => ({ role: storable(role) })),
            ...given(filter?.ids, withIds),
            ...given(filter?.joinedAt, (range) => ({ createdAt: inTimeRange(range) })),
          ],
        };
        const select = queryFromInfo({
          context,
          info,
          typeName: "Membership",
          paths: [["edges", "node"]],
        });
        const read = listReadOf(context);
        const order = memberOrders.orderOf(orderBy);
        if (orderBy?.field === "STATE" && !isAdmin)
          throw graphQLError("FORBIDDEN", "Only a platform admin may sort members by their state.");
        context.takeList?.({
          list: "members",
          pages: (size) =>
            everyPage(
              order,
              size,
              (page): Promise<MemberLine[]> =>
                read((db) =>
                  db.membership.findMany({
                    ...page,
                    select: exportedMember,
                    where: { AND: [{ organizationId: id }, where, page.where] },
                  }),
                ),
            ),
        });
        const field = info.fieldNodes[0] ?? info;
        const statements = info.fieldNodes.flatMap((node) => [node, node.name]);
        return keysetConnection(
          args,
          order,
          async (page): Promise<(MembershipRow & Pick<SortedMember, "userSort">)[]> => {
            if (isByUser(order.key)) {
              const sorted = await read((db) =>
                db.membership.findMany({
                  ...page,
                  where: { AND: [where, { organizationId: id }, page.where] },
                  select: {
                    id: true,
                    user: { select: { sortName: true, sortEmail: true, sortState: true } },
                  },
                }),
              );
              const rows = await read((db) =>
                db.membership.findMany({
                  ...select,
                  where: { id: { in: sorted.map((row) => row.id) } },
                }),
              );
              const byRowId = new Map(rows.map((row) => [row.id, row]));
              return sorted.flatMap(({ id: rowId, user }) => {
                const row = byRowId.get(rowId);
                return row ? [{ ...row, ...(user && { userSort: user }) }] : [];
              });
            }
            const memberships = { ...select, ...page, where: { AND: [where, page.where] } };
            // Each statement of a page needs its own loader, so the second statement gets another key.
            const statement = statements.shift() ?? info;
            const found = await pages.load(context, statement, id, async (ids) => {
              const organizations = await read((db) =>
                db.organization.findMany({
                  where: { id: { in: [...ids] } },
                  select: { id: true, memberships },
                  relationLoadStrategy: "join",
                }),
              );
              return new Map(organizations.map((one) => [one.id, one.memberships]));
            });
            return found ?? [];
          },
          async () => {
            const found = await counts.load(context, field, id, async (ids) => {
              const groups = await read((db) =>
                db.membership.groupBy({
                  by: ["organizationId"],
                  where: { AND: [where, { organizationId: { in: [...ids] } }] },
                  _count: true,
                }),
              );
              return new Map(groups.map((group) => [group.organizationId ?? "", group._count]));
            });
            return found ?? 0;
          },
        );
      },
    }),
  }),
});

/** The columns that the list is sorted by. */
type SortedOrganization = Pick<
  OrganizationRow,
  | ("id" | "createdAt" | "updatedAt" | "sortName" | "membersCount")
  | ("sortSlug" | "sortCreator" | "adminDeleteEnabled")
>;

const organizationOrders = listOrders<
  SortedOrganization,
  Prisma.OrganizationWhereInput,
  Prisma.OrganizationOrderByWithRelationInput
>("Organization", {
  CREATED_AT: byCreation,
  UPDATED_AT: byTime("updatedAt", (updatedAt) => ({ updatedAt })),
  NAME: byText("sortName", (sortName) => ({ sortName })),
  MEMBERS_COUNT: byCount("membersCount", (membersCount) => ({ membersCount })),
  SLUG: byText("sortSlug", (sortSlug) => ({ sortSlug })),
  CREATED_BY: byText("sortCreator", (sortCreator) => ({ sortCreator })),
  ADMINS_MAY_DELETE: byFlag("adminDeleteEnabled", (adminDeleteEnabled) => ({ adminDeleteEnabled })),
  ID: byId,
});

const OrganizationState = builder.enumType("OrganizationState", {
  values: ["ACTIVE", "DELETED"] as const,
});

const filterInput = builder.inputType("OrganizationFilter", {
  description: "A row must fulfil every condition that is given.",
  fields: (t) => ({
    state: t.field({
      type: OrganizationState,
      description: "All but deleted organizations unless given.",
    }),
    isDrifted: t.boolean({ description: DRIFTED }),
    membersCount: t.field({ type: IntRange }),
    hasMemberLimit: t.boolean(),
    maxAllowedMemberships: t.field({
      type: IntRange,
      description: "Of organizations that have a limit.",
    }),
    createdBy: t.id({ description: "The id of the user who created it." }),
    ids: t.idList({ description: ONLY_IDS }),
    createdAt: t.field({ type: TimeRange }),
    updatedAt: t.field({ type: TimeRange }),
  }),
});

async function whereOf(filter: typeof filterInput.$inferInput | null | undefined) {
  const isDrifted = filter?.isDrifted;
  const drifted = isDrifted == null ? [] : await findDrifted("organizations");
  const conditions: Prisma.OrganizationWhereInput[] = [
    filter?.state === "DELETED" ? { deleted: true } : notDeleted,
    ...given(isDrifted, (is) => ({ id: is ? { in: drifted } : { notIn: drifted } })),
    ...given(filter?.membersCount, (range) => ({ membersCount: inIntRange(range) })),
    ...given(filter?.hasMemberLimit, (has) =>
      has
        ? { maxAllowedMemberships: { gt: 0 } }
        : { OR: [{ maxAllowedMemberships: null }, { maxAllowedMemberships: 0 }] },
    ),
    ...given(filter?.maxAllowedMemberships, (range) => ({
      AND: [{ maxAllowedMemberships: { gt: 0 } }, { maxAllowedMemberships: inIntRange(range) }],
    })),
    ...given(filter?.ids, withIds),
    ...given(filter?.createdBy, (createdBy) => ({ createdBy: storable(createdBy) })),
    ...given(filter?.createdAt, (range) => ({ createdAt: inTimeRange(range) })),
    ...given(filter?.updatedAt, (range) => ({ updatedAt: inTimeRange(range) })),
  ];
  return conditions;
}

builder.queryFields((t) => ({
  organization: t.prismaField({
    type: Organization,
    description:
      "One organization; null for viewers who are neither members nor platform admins. FORBIDDEN when the session's token still names it after the viewer has left.",
    authScopes: { viewer: true },
    args: { id: t.arg.id({ required: true }) },
    resolve: (select, _root, { id }, context) => {
      refuseFormerMember(context, id);
      const { viewer } = context.authentication;
      return isMember(viewer, id) || (viewer?.isAdmin && isStorable(id))
        ? viewerDbOf(context).organization.findFirst({ ...select, where: { id, ...notDeleted } })
        : null;
    },
  }),
  organizations: t.connection(
    {
      type: Organization,
      nullable: false,
      description: "The organizations of the instance, newest first unless ordered.",
      authScopes: { admin: true },
      args: {
        query: t.arg.string({ description: "Words in the name or slug, or an id." }),
        filter: t.arg({ type: filterInput }),
        orderBy: t.arg({ type: organizationOrders.input }),
        orSimilar: t.arg.boolean({ description: OR_SIMILAR }),
      },
      resolve: async (_root, { query, filter, orderBy, orSimilar, ...args }, context, info) => {
        const search = await parseSearch(query);
        const conditions = await whereOf(filter);
        const where = { AND: [...conditions, ...(search ? [matching(search)] : [])] };
        const read = searchReadOf(context, search !== null || filter != null);
        const select = queryFromInfo({
          context,
          info,
          typeName: "Organization",
          paths: [["edges", "node"]],
        });
        const order = organizationOrders.orderOf(orderBy);
        const pages = (size: number) =>
          everyPage(
            order,
            size,
            (page): Promise<OrganizationLine[]> =>
              read((db) =>
                db.organization.findMany({
                  ...page,
                  select: exportedOrganization,
                  where: { AND: [where, page.where] },
                }),
              ),
          );
        context.takeList?.({ list: "organizations", pages });
        const found = await keysetConnection(
          args,
          order,
          (page) =>
            read((db) =>
              db.organization.findMany({
                ...select,
                ...page,
                where: { AND: [where, page.where] },
              }),
            ),
          (take) => read((db) => db.organization.count({ where, take })),
        );
        return {
          ...(await addSimilar(found, orSimilar ? search : null, "organizations", (ids) =>
            read((db) =>
              db.organization.findMany({
                ...select,
                where: { AND: [...conditions, { id: { in: ids } }] },
              }),
            ),
          )),
          plan: () =>
            planRead((planner) => planner.organization.findMany({ where, select: { id: true } })),
        };
      },
    },
    {
      fields: (connection) => ({
        isSimilar: connection.boolean({
          nullable: false,
          description: SIMILAR,
          authScopes: { admin: true },
          resolve: ({ isSimilar }) => isSimilar ?? false,
        }),
      }),
    },
  ),
}));
