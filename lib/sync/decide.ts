/**
 * Event to change: what row a mirrored object becomes, and under which clock. Pure. Webhooks, first-call provisioning
 * and (later) replay and reconciliation all come through here, so a mirrored row is spelled in one place.
 */
import type { ClerkMembership, ClerkOrganization, ClerkUser, MirroredEvent } from "./event";

/** What the guard in `apply.ts` compares: the greatest (deleted, version, event_timestamp, svix_id) wins. */
export type Clock = {
  deleted: boolean;
  /** Clerk's `updated_at` in ms; at least 1, because 0 marks a stub. */
  version: number;
  /** The event's timestamp in ms; 0 for what was read from the Backend API. */
  event_timestamp: number;
  /** The delivery; "" for what was read from the Backend API. */
  svix_id: string;
};

/** Rows use the column names of Postgres: they travel to it as JSON. Times are ms since the epoch. */
export type UserRow = Clock & {
  id: string;
  email: string | null;
  username: string | null;
  first_name: string | null;
  last_name: string | null;
  image_url: string | null;
  is_banned: boolean;
  is_locked: boolean;
  is_admin: boolean;
  last_sign_in_at: number | null;
  created_at: number | null;
  updated_at: number | null;
};

export type OrganizationRow = Clock & {
  id: string;
  name: string | null;
  slug: string | null;
  image_url: string | null;
  created_by: string | null;
  created_at: number | null;
  updated_at: number | null;
};

export type MembershipRow = Clock & {
  id: string;
  /** Both are null only in a tombstone whose event did not say. */
  user_id: string | null;
  organization_id: string | null;
  role: string | null;
  created_at: number | null;
  updated_at: number | null;
};

export type Change =
  | { table: "users"; row: UserRow }
  | { table: "organizations"; row: OrganizationRow }
  | { table: "memberships"; row: MembershipRow };

/** Where a state came from: a delivery, or the Backend API. */
export type Source = { eventTimestamp: number; svixId: string };

/** An equal version read from the Backend API never beats one that an event wrote. */
export const fromBackendApi: Source = { eventTimestamp: 0, svixId: "" };

function clock(updatedAt: number | null, source: Source): Clock {
  return {
    deleted: false,
    version: Math.max(updatedAt ?? source.eventTimestamp, 1),
    event_timestamp: source.eventTimestamp,
    svix_id: source.svixId,
  };
}

/** `user.deleted` and `organization.deleted` carry no `updated_at`, and need none: a deletion beats every version. */
function grave(source: Source): Clock {
  return {
    deleted: true,
    version: 0,
    event_timestamp: source.eventTimestamp,
    svix_id: source.svixId,
  };
}

export function userChange(user: ClerkUser, source: Source): Change {
  const primary = user.email_addresses?.find((email) => email.id === user.primary_email_address_id);
  return {
    table: "users",
    row: {
      ...clock(user.updated_at, source),
      id: user.id,
      email: primary?.email_address ?? null,
      username: user.username,
      first_name: user.first_name,
      last_name: user.last_name,
      image_url: user.image_url,
      is_banned: user.banned ?? false,
      is_locked: user.locked ?? false,
      // Clients cannot write public metadata, only the Backend API can:
      // https://clerk.com/docs/guides/users/extending
      is_admin: user.public_metadata?.role === "admin",
      last_sign_in_at: user.last_sign_in_at,
      created_at: user.created_at ?? user.updated_at,
      updated_at: user.updated_at,
    },
  };
}

function organizationChange(organization: ClerkOrganization, source: Source): Change {
  const { id, name, slug, image_url, created_by, created_at, updated_at } = organization;
  return {
    table: "organizations",
    row: {
      ...clock(updated_at, source),
      id,
      name,
      slug,
      image_url,
      created_by,
      created_at,
      updated_at,
    },
  };
}

function membershipChange(membership: ClerkMembership, source: Source): Change {
  return {
    table: "memberships",
    row: {
      ...clock(membership.updated_at, source),
      id: membership.id,
      user_id: membership.public_user_data.user_id,
      organization_id: membership.organization.id,
      role: membership.role,
      created_at: membership.created_at,
      updated_at: membership.updated_at,
    },
  };
}

const noUser = {
  email: null,
  username: null,
  first_name: null,
  last_name: null,
  image_url: null,
  is_banned: false,
  is_locked: false,
  is_admin: false,
  last_sign_in_at: null,
  created_at: null,
  updated_at: null,
};
const noOrganization = {
  name: null,
  slug: null,
  image_url: null,
  created_by: null,
  created_at: null,
  updated_at: null,
};

export function decide(event: MirroredEvent, source: Source): Change {
  switch (event.type) {
    case "user.created":
    case "user.updated":
      return userChange(event.data, source);
    case "user.deleted":
      return { table: "users", row: { ...noUser, ...grave(source), id: event.data.id } };
    case "organization.created":
    case "organization.updated":
      return organizationChange(event.data, source);
    case "organization.deleted":
      return {
        table: "organizations",
        row: { ...noOrganization, ...grave(source), id: event.data.id },
      };
    case "organizationMembership.created":
    case "organizationMembership.updated":
      return membershipChange(event.data, source);
    case "organizationMembership.deleted":
      return {
        table: "memberships",
        row: {
          ...grave(source),
          id: event.data.id,
          user_id: event.data.public_user_data?.user_id ?? null,
          organization_id: event.data.organization?.id ?? null,
          role: null,
          created_at: null,
          updated_at: null,
        },
      };
  }
}
