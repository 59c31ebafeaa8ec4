/**
 * The timeline of a user or an organization with its memberships, and their state as of a time. Both are read from the stored
 * versions. The API cannot restore a version, because Clerk owns the objects.
 */
import { notDeleted } from "../../db";
import { displayName, organizationName } from "../../format";
import type { Version as VersionRow } from "../../generated/prisma/client";
import { isVersioned, type VersionedTable } from "../../sync/mirror/columns";
import {
  changedFields,
  compareVersions,
  type FieldChange,
  type ShownState,
  shownState,
} from "../../sync/mirror/version-diff";
import { builder } from "../builder";
import { type Context, viewerDbOf } from "../context";
import { objectNameOf } from "./act";
import { isStorable } from "./storable-text";
import { namedUser } from "./user";

const TimelineSubject = builder.enumType("TimelineSubject", {
  values: { USER: { value: "user" }, ORGANIZATION: { value: "organization" } } as const,
});

type Subject = { kind: "user" | "organization"; id: string };

const FieldChangeType = builder.objectRef<FieldChange>("FieldChange").implement({
  description: "A field that differs from the version before.",
  authScopes: { admin: true },
  fields: (t) => ({
    field: t.exposeString("field", { nullable: false, description: "Its column, e.g. is_banned." }),
    before: t.expose("before", { type: "JSON" }),
    after: t.expose("after", { type: "JSON" }),
  }),
});

type Entry = VersionRow & { table: VersionedTable; previous: VersionRow | null };

const stateOf = ({ table, state }: { table: VersionedTable; state: unknown }) =>
  shownState(table, state);

const TimelineEntry = builder.objectRef<Entry>("TimelineEntry").implement({
  description: "One stored version of a user, an organization or a membership.",
  authScopes: { admin: true },
  fields: (t) => ({
    id: t.id({
      nullable: false,
      resolve: ({ objectId, version, svixId, runId }) =>
        `${objectId}/${version}/${svixId}/${runId}`,
    }),
    objectTable: t.exposeString("objectTable", {
      nullable: false,
      description: "users, organizations or memberships.",
    }),
    objectId: t.exposeID("objectId", { nullable: false }),
    userId: t.exposeID("userId"),
    organizationId: t.exposeID("organizationId"),
    userName: t.string({
      description: "The user's name now; null if the user is deleted.",
      resolve: ({ userId }, _args, context, { fieldNodes }) =>
        userId ? objectNameOf(context, fieldNodes[0], "user", userId) : null,
    }),
    organizationName: t.string({
      description: "The organization's name now; null if the organization is deleted.",
      resolve: ({ organizationId }, _args, context, { fieldNodes }) =>
        organizationId
          ? objectNameOf(context, fieldNodes[0], "organization", organizationId)
          : null,
    }),
    isDeletion: t.boolean({ nullable: false, resolve: ({ deleted }) => deleted }),
    isFirst: t.boolean({
      nullable: false,
      description: "No earlier version is stored.",
      resolve: ({ previous }) => previous === null,
    }),
    isLate: t.exposeBoolean("isLate", {
      nullable: false,
      description: "It arrived after a newer version, so the row was not changed.",
    }),
    occurredAt: t.expose("occurredAt", {
      type: "DateTime",
      nullable: false,
      description: "By Clerk's clock.",
    }),
    receivedAt: t.expose("receivedAt", {
      type: "DateTime",
      nullable: false,
      description: "By our clock.",
    }),
    deliveryId: t.id({
      description: "The delivery that brought it; null if it was read from the Backend API.",
      resolve: ({ svixId }) => (svixId === "" || svixId === "~" ? null : svixId),
    }),
    runId: t.id({
      description: "The reconciliation that wrote it.",
      resolve: ({ runId }) => (runId === 0n ? null : String(runId)),
    }),
    changes: t.field({
      type: [FieldChangeType],
      nullable: false,
      description: "What differs from the version before. Never private metadata.",
      resolve: (entry) =>
        changedFields(
          entry.previous && stateOf({ table: entry.table, state: entry.previous.state }),
          stateOf(entry),
        ),
    }),
  }),
});

const newestFirst = [{ occurredAt: "desc" }, { receivedAt: "desc" }, { objectId: "asc" }] as const;

/** Memberships are found only if they occur among this many newest versions of the subject. */
const SEARCHED = 2_000;

/**
 * Resolves to the condition that finds the versions of the subject and of its memberships. The version of a deleted membership
 * may have neither the user's nor the organization's id. So the condition compares the ids of the objects.
 */
async function versionsOf({ kind, id }: Subject, context: Context) {
  const found = await viewerDbOf(context).version.findMany({
    where: kind === "user" ? { userId: id } : { organizationId: id },
    select: { objectId: true },
    orderBy: { occurredAt: "desc" },
    take: SEARCHED,
  });
  return { objectId: { in: [...new Set([id, ...found.map(({ objectId }) => objectId)])] } };
}

const MAX_PAGE = 100;

/**
 * Resolves to the versions just before the oldest listed version of each object. They would be on a later page. Reads five for
 * each object, because the query also finds the listed version itself and versions with an equal timestamp.
 */
async function versionsBefore(rows: VersionRow[], context: Context): Promise<VersionRow[]> {
  const first = new Map<string, VersionRow>();
  for (const row of rows) {
    const known = first.get(row.objectId);
    if (!known || compareVersions(row, known) < 0) first.set(row.objectId, row);
  }
  const found = [...first.values()].map(({ objectId, deleted, version }) =>
    viewerDbOf(context).version.findMany({
      where: { objectId, deleted: false, ...(!deleted && { version: { lte: version } }) },
      orderBy: [{ version: "desc" }, { eventTimestamp: "desc" }],
      take: 5,
    }),
  );
  return (await Promise.all(found)).flat();
}

async function findTimeline(
  subject: Subject,
  { before, first }: { before: Date | null; first: number },
  context: Context,
): Promise<Entry[]> {
  const db = viewerDbOf(context);
  const rows = await db.version.findMany({
    where: {
      ...(await versionsOf(subject, context)),
      ...(before && { occurredAt: { lt: before } }),
    },
    orderBy: [...newestFirst],
    take: first,
  });
  const known = [...rows, ...(await versionsBefore(rows, context))];
  return rows.flatMap((row) => {
    const table = row.objectTable;
    if (!isVersionedName(table)) return [];
    const previous = known
      .filter(({ objectId }) => objectId === row.objectId)
      .toSorted(compareVersions)
      .findLast((each) => compareVersions(each, row) < 0);
    return [{ ...row, table, previous: previous ?? null }];
  });
}

const isVersionedName = (name: string): name is VersionedTable =>
  (name === "users" || name === "organizations" || name === "memberships") && isVersioned(name);

type AsOf = { row: VersionRow; table: VersionedTable };

const MirrorState = builder.objectRef<AsOf>("MirrorState").implement({
  description: "The state of an object at a time, by Clerk's clock.",
  authScopes: { admin: true },
  fields: (t) => ({
    objectId: t.id({ nullable: false, resolve: ({ row }) => row.objectId }),
    isDeleted: t.boolean({ nullable: false, resolve: ({ row }) => row.deleted }),
    name: t.string({
      description: "Of a user or an organization.",
      resolve: ({ row, table }) => nameIn(table, row),
    }),
    occurredAt: t.field({
      type: "DateTime",
      nullable: false,
      resolve: ({ row }) => row.occurredAt,
    }),
    receivedAt: t.field({
      type: "DateTime",
      nullable: false,
      resolve: ({ row }) => row.receivedAt,
    }),
    state: t.field({
      type: "JSON",
      description: "The columns by their names; null for a deleted object. Never private metadata.",
      resolve: ({ row, table }): ShownState | null => shownState(table, row.state),
    }),
  }),
});

function nameIn(table: VersionedTable, { objectId: id, state }: VersionRow): string | null {
  const shown = shownState(table, state);
  if (!shown) return null;
  const text = (name: string) => (typeof shown[name] === "string" ? shown[name] : null);
  if (table === "organizations")
    return organizationName({ id, name: text("name"), slug: text("slug") });
  if (table !== "users") return null;
  return displayName({
    ...{ id, firstName: text("first_name"), lastName: text("last_name") },
    ...{ username: text("username"), email: text("email"), phoneNumber: text("phone_number") },
  });
}

/** Returns the greatest version of each object among the rows. */
function latestOf(rows: VersionRow[]): AsOf[] {
  const latest = new Map<string, VersionRow>();
  for (const row of rows) {
    const known = latest.get(row.objectId);
    if (!known || compareVersions(known, row) < 0) latest.set(row.objectId, row);
  }
  return [...latest.values()].flatMap((row) =>
    isVersionedName(row.objectTable) ? [{ row, table: row.objectTable }] : [],
  );
}

async function findAsOf({ kind, id }: Subject, at: Date, context: Context): Promise<AsOf | null> {
  if (!isStorable(id)) return null;
  const rows = await viewerDbOf(context).version.findMany({
    where: { objectId: id, objectTable: `${kind}s`, occurredAt: { lte: at } },
    orderBy: [{ deleted: "desc" }, { version: "desc" }, { eventTimestamp: "desc" }],
    take: 20,
  });
  return latestOf(rows)[0] ?? null;
}

/** The columns of a user or an organization at a time; null if no version of then is stored, or if it was deleted. */
export async function findStateAsOf(
  subject: Subject,
  at: Date,
  context: Context,
): Promise<ShownState | null> {
  const found = await findAsOf(subject, at, context);
  return found && shownState(found.table, found.row.state);
}

const MembershipAsOf = builder
  .objectRef<AsOf & { otherName: string | null }>("MembershipAsOf")
  .implement({
    authScopes: { admin: true },
    fields: (t) => ({
      id: t.id({ nullable: false, resolve: ({ row }) => row.objectId }),
      userId: t.id({ resolve: ({ row }) => row.userId }),
      organizationId: t.id({ resolve: ({ row }) => row.organizationId }),
      otherName: t.exposeString("otherName", {
        description: "Today's name of the organization, or of the member; null if it is deleted.",
      }),
      role: t.string({
        resolve: ({ row, table }) => {
          const role = shownState(table, row.state)?.role;
          return typeof role === "string" ? role : null;
        },
      }),
    }),
  });

const MAX_VERSIONS = 5_000;

async function namesOf(ids: string[], kind: Subject["kind"], context: Context) {
  const db = viewerDbOf(context);
  const where = { id: { in: ids }, deleted: false };
  const rows =
    kind === "user"
      ? (
          await db.organization.findMany({ where, select: { id: true, name: true, slug: true } })
        ).map((row): [string, string] => [row.id, organizationName(row)])
      : (await db.user.findMany({ where, select: namedUser })).map((row): [string, string] => [
          row.id,
          displayName(row),
        ]);
  return new Map(rows);
}

/** Columns that are never returned, or that Postgres derives from others. */
const OMITTED = new Set(["privateMetadata", "search", "identifiers"]);

const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Returns a mirrored row as JSON, keyed by column names. */
function rowAsJson(row: object): ShownState {
  return Object.fromEntries(
    Object.entries(row).flatMap(([name, value]: [string, unknown]) =>
      OMITTED.has(name) || name.startsWith("sort")
        ? []
        : [[snakeCase(name), typeof value === "bigint" ? Number(value) : value]],
    ),
  );
}

builder.queryFields((t) => ({
  mirrorRow: t.field({
    type: "JSON",
    description:
      "The mirrored row of a user or an organization, by the names of its columns. Never private metadata. Null if it is deleted.",
    authScopes: { admin: true },
    args: {
      kind: t.arg({ type: TimelineSubject, required: true }),
      id: t.arg.id({ required: true }),
    },
    resolve: async (_root, { kind, id }, context) => {
      if (!isStorable(id)) return null;
      const db = viewerDbOf(context);
      const where = { id, ...notDeleted };
      const row =
        kind === "user"
          ? await db.user.findFirst({ where })
          : await db.organization.findFirst({ where });
      return row && rowAsJson(row);
    },
  }),
  timeline: t.field({
    type: [TimelineEntry],
    nullable: false,
    description: `The versions of a user or an organization and of its memberships, newest first; at most ${MAX_PAGE} that happened before \`before\`.`,
    authScopes: { admin: true },
    args: {
      kind: t.arg({ type: TimelineSubject, required: true }),
      id: t.arg.id({ required: true }),
      before: t.arg({ type: "DateTime" }),
      first: t.arg.int({ defaultValue: 50 }),
    },
    resolve: (_root, { kind, id, before, first }, context) =>
      isStorable(id)
        ? findTimeline(
            { kind, id },
            { before: before ?? null, first: Math.min(Math.max(first ?? 50, 1), MAX_PAGE) },
            context,
          )
        : [],
  }),
  stateAsOf: t.field({
    type: MirrorState,
    description:
      "What a user or an organization was at a time, by Clerk's clock. Null if no version of then is stored.",
    authScopes: { admin: true },
    args: {
      kind: t.arg({ type: TimelineSubject, required: true }),
      id: t.arg.id({ required: true }),
      at: t.arg({ type: "DateTime", required: true }),
    },
    resolve: (_root, { kind, id, at }, context) => findAsOf({ kind, id }, at, context),
  }),
  membershipsAsOf: t.field({
    type: [MembershipAsOf],
    nullable: false,
    description: "The memberships of a user or an organization at a time, by Clerk's clock.",
    authScopes: { admin: true },
    args: {
      kind: t.arg({ type: TimelineSubject, required: true }),
      id: t.arg.id({ required: true }),
      at: t.arg({ type: "DateTime", required: true }),
    },
    resolve: async (_root, { kind, id, at }, context) => {
      if (!isStorable(id)) return [];
      const rows = await viewerDbOf(context).version.findMany({
        where: {
          ...{ ...(await versionsOf({ kind, id }, context)), objectTable: "memberships" },
          occurredAt: { lte: at },
        },
        orderBy: { occurredAt: "desc" },
        take: MAX_VERSIONS,
      });
      const found = latestOf(rows).filter(({ row }) => !row.deleted);
      const otherId = ({ row }: AsOf) => (kind === "user" ? row.organizationId : row.userId);
      const names = await namesOf(
        found.flatMap((each) => otherId(each) ?? []),
        kind,
        context,
      );
      return found.map((each) => ({ ...each, otherName: names.get(otherId(each) ?? "") ?? null }));
    },
  }),
}));
