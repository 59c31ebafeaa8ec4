// Filters of user lists. If a filter has an index, the index supplies the candidates; the other filters scan these candidates.

import { z } from "zod";
import type { ClerkContext } from "../context";
import { notFound, paramInvalid } from "../errors";
import { primaryEmail } from "../resources/public-user";
import type { UserRecord } from "../store/records";
import { ids, sorted, time, word } from "./call";

export const filterFields = {
  email_address: ids,
  phone_number: ids,
  user_id: ids,
  username: ids,
  external_id: ids,
  organization_id: ids,
  query: word,
  email_address_query: word,
  phone_number_query: word,
  username_query: word,
  name_query: word,
  banned: word,
  provider: word,
  provider_user_id: ids,
  created_at_before: time,
  created_at_after: time,
  last_active_at_before: time,
  last_active_at_after: time,
  last_active_at_since: time,
  last_sign_in_at_before: time,
  last_sign_in_at_after: time,
};
export const filters = z.object(filterFields);
type UserFilter = z.infer<typeof filters>;

const orders = {
  created_at: (user: UserRecord) => user.createdAt,
  updated_at: (user: UserRecord) => user.updatedAt,
  last_active_at: (user: UserRecord) => user.lastActiveAt ?? 0,
  last_sign_in_at: (user: UserRecord) => user.lastSignInAt ?? 0,
  first_name: (user: UserRecord) => user.firstName,
  last_name: (user: UserRecord) => user.lastName,
  username: (user: UserRecord) => user.username,
  email_address: (user: UserRecord) => primaryEmail(user)?.address ?? null,
  phone_number: (user: UserRecord) => user.phones[0]?.number ?? null,
};

type UserPage = { orderBy: string; offset: number; limit: number; after?: string | undefined };

export function listUsers(
  context: ClerkContext,
  filter: UserFilter,
  { orderBy, offset, limit, after }: UserPage,
): UserRecord[] {
  const isByAge = orderBy.replace(/^[+-]/, "") === "created_at";
  if (after !== undefined) {
    if (!isByAge) throw paramInvalid("starting_after", "starting_after needs order_by created_at.");
    if (offset > 0) throw paramInvalid("starting_after", "starting_after goes with no offset.");
    if (!context.state.users.get(after)) throw notFound("user", after);
    const all = sorted(filterUsers(context, filter), orderBy, orders);
    const place = all.findIndex(({ id }) => id === after) + 1;
    return all.slice(place, place + limit);
  }
  if (isByAge && isEmpty(filter)) {
    const isNewestFirst = orderBy.startsWith("-");
    return context.state.usersInOrder
      .slice(offset, limit, isNewestFirst)
      .flatMap((id) => context.state.users.get(id) ?? []);
  }
  return sorted(filterUsers(context, filter), orderBy, orders).slice(offset, offset + limit);
}

export function countUsers(context: ClerkContext, filter: UserFilter): number {
  return isEmpty(filter) ? context.state.users.size : filterUsers(context, filter).length;
}

function isEmpty(filter: UserFilter): boolean {
  return Object.values(filter).every((value) => value === undefined);
}

/** Whether a user's `values` match the filter `wanted`. As at Clerk, `x` and `+x` select users with x, and `-x` excludes them. */
export function matches(wanted: string[] | undefined, values: readonly string[]): boolean {
  if (!wanted) return true;
  const excluded = wanted.filter((each) => each.startsWith("-")).map((each) => each.slice(1));
  const included = plain(wanted);
  if (excluded.some((each) => values.includes(each))) return false;
  return included.length === 0 || included.some((each) => values.includes(each));
}

function plain(wanted: string[]): string[] {
  return wanted
    .filter((each) => !each.startsWith("-"))
    .map((each) => each.replace(/^[+ ](?!\d)/, ""));
}

function candidates(context: ClerkContext, filter: UserFilter): Iterable<UserRecord> {
  const { state } = context;
  const by = (wanted: string[], find: (key: string) => Iterable<UserRecord>) =>
    new Set(plain(wanted).flatMap((key) => [...find(key)]));
  const isNamed = (wanted: string[] | undefined) => wanted && plain(wanted).length > 0;
  if (filter.user_id && isNamed(filter.user_id)) {
    return by(filter.user_id, (id) => [state.users.get(id) ?? []].flat());
  }
  if (filter.external_id && isNamed(filter.external_id)) {
    return by(filter.external_id, (id) => state.usersByExternalId.all(id));
  }
  if (filter.email_address && isNamed(filter.email_address)) {
    return by(filter.email_address, (each) => state.usersByEmail.all(each.toLowerCase()));
  }
  if (filter.organization_id && isNamed(filter.organization_id)) {
    return by(filter.organization_id, (id) =>
      state.membershipsByOrganization
        .all(id)
        .flatMap((membership) => state.users.get(membership.userId) ?? []),
    );
  }
  return state.users.all();
}

function filterUsers(context: ClerkContext, filter: UserFilter): UserRecord[] {
  return [...candidates(context, filter)].filter((user) => isWanted(context, user, filter));
}

export function isWanted(context: ClerkContext, user: UserRecord, filter: UserFilter): boolean {
  const has = (wanted: string | undefined, ...values: (string | null | undefined)[]) =>
    !wanted || values.some((value) => value?.toLowerCase().includes(wanted.toLowerCase()));
  const emails = filter.email_address?.map((each) => each.toLowerCase());
  const isActiveSince = filter.last_active_at_since ?? filter.last_active_at_after;
  const addresses = user.emails.map((email) => email.address);
  const numbers = user.phones.map((phone) => phone.number);
  const name = [user.firstName, user.lastName].join(" ");
  const accounts = user.externalAccounts;
  const sources = accounts.map((each) => `oauth_${each.provider}`);
  return (
    matches(filter.user_id, [user.id]) &&
    matches(emails, addresses) &&
    matches(filter.phone_number, numbers) &&
    matches(filter.username, [user.username ?? ""]) &&
    matches(filter.external_id, [user.externalId ?? ""]) &&
    matches(filter.organization_id, organizationsOf(context, user, filter)) &&
    matches(
      filter.provider_user_id,
      accounts.map((each) => each.providerUserId),
    ) &&
    (!filter.provider || sources.includes(filter.provider)) &&
    (filter.banned === undefined || String(user.isBanned) === filter.banned) &&
    isWithin(user.createdAt, filter.created_at_after, filter.created_at_before) &&
    isWithin(user.lastActiveAt, isActiveSince, filter.last_active_at_before) &&
    isWithin(user.lastSignInAt, filter.last_sign_in_at_after, filter.last_sign_in_at_before) &&
    has(filter.email_address_query, ...addresses) &&
    has(filter.phone_number_query, ...numbers) &&
    has(filter.username_query, user.username) &&
    has(filter.name_query, name) &&
    has(filter.query, user.id, user.externalId, name, user.username, ...addresses, ...numbers)
  );
}

function organizationsOf(context: ClerkContext, user: UserRecord, filter: UserFilter): string[] {
  if (!filter.organization_id) return [];
  return context.state.membershipsByUser.all(user.id).map((each) => each.organizationId);
}

function isWithin(at: number | null, after: number | undefined, before: number | undefined) {
  if (after === undefined && before === undefined) return true;
  return at !== null && at > (after ?? 0) && at < (before ?? Number.POSITIVE_INFINITY);
}
