/**
 * The columns of every mirrored table. The row types, the SQL that writes them and the fields that a reconciliation compares
 * are all derived from this list. Rows use Postgres column names, because they are sent as JSON.
 */
import type { RowVersion } from "./version";

/**
 * All columns except the id and the row version. A `time` is in ms since the epoch. A `flag` is null if Clerk does not send it.
 * `other_attributes` has the attributes of Clerk's object that have no column.
 */
export const columns = {
  users: {
    external_id: "text",
    email: "text",
    is_email_verified: "flag",
    phone_number: "text",
    identifiers: "text",
    username: "text",
    first_name: "text",
    last_name: "text",
    image_url: "text",
    is_banned: "boolean",
    is_locked: "boolean",
    is_admin: "boolean",
    has_image: "flag",
    password_enabled: "flag",
    two_factor_enabled: "flag",
    totp_enabled: "flag",
    backup_code_enabled: "flag",
    has_passkey: "flag",
    delete_self_enabled: "flag",
    create_organization_enabled: "flag",
    create_organizations_limit: "integer",
    legal_accepted_at: "time",
    last_active_at: "time",
    last_sign_in_at: "time",
    created_at: "time",
    updated_at: "time",
    email_addresses: "json",
    phone_numbers: "json",
    external_accounts: "json",
    web3_wallets: "json",
    passkeys: "json",
    public_metadata: "json",
    unsafe_metadata: "json",
    private_metadata: "json",
    other_attributes: "json",
  },
  organizations: {
    name: "text",
    slug: "text",
    image_url: "text",
    created_by: "text",
    has_image: "flag",
    max_allowed_memberships: "integer",
    admin_delete_enabled: "flag",
    created_at: "time",
    updated_at: "time",
    public_metadata: "json",
    private_metadata: "json",
    other_attributes: "json",
  },
  memberships: {
    user_id: "text",
    organization_id: "text",
    role: "text",
    role_name: "text",
    created_at: "time",
    updated_at: "time",
    permissions: "json",
    public_metadata: "json",
    private_metadata: "json",
    other_attributes: "json",
  },
  invitations: {
    organization_id: "text",
    email: "text",
    role: "text",
    role_name: "text",
    status: "text",
    inviter_id: "text",
    user_id: "text",
    expires_at: "time",
    created_at: "time",
    updated_at: "time",
    public_metadata: "json",
    private_metadata: "json",
    other_attributes: "json",
  },
  domains: {
    organization_id: "text",
    name: "text",
    enrollment_mode: "text",
    verification_status: "text",
    created_at: "time",
    updated_at: "time",
  },
  roles: {
    key: "text",
    name: "text",
    description: "text",
    is_creator_eligible: "boolean",
    permissions: "list",
    created_at: "time",
    updated_at: "time",
  },
  permissions: {
    key: "text",
    name: "text",
    description: "text",
    type: "text",
    created_at: "time",
    updated_at: "time",
  },
  sessions: {
    user_id: "text",
    client_id: "text",
    status: "text",
    actor_id: "text",
    last_active_organization_id: "text",
    device_type: "text",
    browser_name: "text",
    browser_version: "text",
    city: "text",
    country: "text",
    last_active_at: "time",
    expire_at: "time",
    abandon_at: "time",
    created_at: "time",
    updated_at: "time",
  },
  payment_attempts: {
    payment_id: "text",
    user_id: "text",
    organization_id: "text",
    status: "text",
    charge_type: "text",
    amount: "integer",
    currency: "text",
    plans: "list",
    failed_reason: "text",
    billing_date: "time",
    paid_at: "time",
    failed_at: "time",
    created_at: "time",
    updated_at: "time",
  },
  subscriptions: {
    user_id: "text",
    organization_id: "text",
    status: "text",
    latest_payment_id: "text",
    active_at: "time",
    past_due_at: "time",
    canceled_at: "time",
    ended_at: "time",
    created_at: "time",
    updated_at: "time",
  },
  subscription_items: {
    subscription_id: "text",
    user_id: "text",
    organization_id: "text",
    plan_id: "text",
    plan_name: "text",
    status: "text",
    is_free_trial: "boolean",
    interval: "text",
    amount: "integer",
    currency: "text",
    period_start: "time",
    period_end: "time",
    created_at: "time",
    updated_at: "time",
  },
} as const satisfies Record<string, Record<string, keyof Values>>;

type Values = {
  text: string | null;
  integer: number | null;
  boolean: boolean;
  flag: boolean | null;
  time: number | null;
  list: string[];
  json: unknown;
};

type Columns = typeof columns;
export type Table = keyof Columns;

type Content<T extends Table> = {
  -readonly [C in keyof Columns[T]]: Columns[T][C] extends keyof Values
    ? Values[Columns[T][C]]
    : never;
};

type MirroredRow<T extends Table> = RowVersion & { id: string } & Content<T>;

/** The row of a deleted object: its id, its version and, for a membership, the ids of the user and the organization. */
type Tombstone<T extends Table> = RowVersion & { deleted: true; id: string } & Partial<Content<T>>;

export type Change = { [T in Table]: { table: T; row: MirroredRow<T> | Tombstone<T> } }[Table];

/** Tables whose changes are also recorded in `versions`. */
export const versionedTables = ["users", "organizations", "memberships"] as const satisfies Table[];
export type VersionedTable = (typeof versionedTables)[number];

/** Tables that Clerk's Backend API can list completely, so that a reconciliation can compare them. */
export const reconciledTables = [
  ...versionedTables,
  "invitations",
  "domains",
  "roles",
  "permissions",
] as const satisfies Table[];
export type ReconciledTable = (typeof reconciledTables)[number];

/**
 * True for a column that a reconciliation does not compare. Clerk sends no event when a user's last activity changes, so each
 * reconciliation would find a difference in every active user.
 */
export const isUncompared = (table: Table, column: string) =>
  isEventOnly(table, column) || (table === "users" && column === "last_active_at");

/** True for a column that only events fill: the Backend API does not return which user accepted an invitation. */
export const isEventOnly = (table: Table, column: string) =>
  table === "invitations" && column === "user_id";

export const tables = Object.keys(columns).filter((name): name is Table => name in columns);

export const isVersioned = (table: Table): table is VersionedTable =>
  versionedTables.some((name) => name === table);
