/** Users and organizations as they were at a time, with the fields that they have today. Read from the stored versions. */
import { database } from "../../db";
import {
  type Organization as OrganizationRow,
  Prisma,
  type User as UserRow,
} from "../../generated/prisma/client";
import { builder } from "../builder";
import type { Context } from "../context";
import { Organization } from "./organization";
import { findStateAsOf } from "./timeline";
import { User } from "./user";

const columnOf = (field: string) =>
  `r.${field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)} AS "${field}"`;

/** Every column of the table under the name of Prisma's field, so that a row has the form of `findFirst`. */
const columns = (fields: object) => Prisma.raw(Object.values(fields).map(columnOf).join(", "));
const columnsOf = {
  user: columns(Prisma.UserScalarFieldEnum),
  organization: columns(Prisma.OrganizationScalarFieldEnum),
};

/** Columns of which a stored state may have no value, but a row does. */
const defaults = { deleted: false, is_banned: false, is_locked: false, is_admin: false };

/** The stored state as a row: Postgres converts the JSON to the types of the table's columns. */
async function findPast<Row>(
  kind: "user" | "organization",
  id: string,
  at: Date,
  context: Context,
): Promise<Row | null> {
  const state = await findStateAsOf({ kind, id }, at, context);
  if (!state) return null;
  const values = Object.entries(state).filter(([, value]) => value !== null);
  const json = JSON.stringify({ ...defaults, ...Object.fromEntries(values), id });
  const rows = await database().prisma.$queryRaw<Row[]>`
    SELECT ${columnsOf[kind]} FROM jsonb_populate_record(NULL::${Prisma.raw(`${kind}s`)}, ${json}::jsonb) r`;
  return rows[0] ?? null;
}

builder.queryFields((t) => ({
  userAsOf: t.field({
    type: User,
    description:
      "A user at a time, by Clerk's clock; its memberships are in membershipsAsOf. Null if no version of then is stored, or if the user was deleted.",
    authScopes: { admin: true },
    args: {
      id: t.arg.id({ required: true }),
      at: t.arg({ type: "DateTime", required: true }),
    },
    resolve: (_root, { id, at }, context) => findPast<UserRow>("user", id, at, context),
  }),
  organizationAsOf: t.field({
    type: Organization,
    description:
      "An organization at a time, by Clerk's clock; its members are in membershipsAsOf. Null if no version of then is stored, or if it was deleted.",
    authScopes: { admin: true },
    args: {
      id: t.arg.id({ required: true }),
      at: t.arg({ type: "DateTime", required: true }),
    },
    resolve: (_root, { id, at }, context) =>
      findPast<OrganizationRow>("organization", id, at, context),
  }),
}));
