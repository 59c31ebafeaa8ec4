/**
 * The filters and orders of the console's lists: each maps a value in the URL to the API's input. The types come from the API's
 * schema, so that a filter or an order which the API lacks is a type error here.
 */
import type { graphql } from "@/lib/document";

type InputOf<Name extends Parameters<typeof graphql.scalar>[0]> = NonNullable<
  ReturnType<typeof graphql.scalar<Name>>
>;

type Direction = "ASC" | "DESC";
export type Sort<Field> = { field: Field; direction: Direction };

type Named = { name: string; label: string };
type Range = { from?: string | undefined; to?: string | undefined };
type RangeFilter<Input> = Named & {
  kind: "days" | "times" | "count";
  input: (range: Range) => Input;
};
export type Filter<Input> =
  | (Named & { kind: "choice"; options: { value: string; label: string; input: Input }[] })
  | (Named & { kind: "text"; input: (text: string) => Input })
  | RangeFilter<Input>;

export const isRange = <Input>(filter: Filter<Input>): filter is RangeFilter<Input> =>
  filter.kind !== "choice" && filter.kind !== "text";

/** `first`: the direction that a first click on the column chooses. `words`: what ascending and descending mean here. */
type SortChoice<Field> = { field: Field; label: string; first: Direction; words: [string, string] };
export type ListControls<Input, Field> = {
  filters: Filter<Input>[];
  /** The orders of the list. The first one applies when the URL has no `?sort=`. */
  sorts: [SortChoice<Field>, ...SortChoice<Field>[]];
};

const flag = <Input>(name: string, label: string, input: (has: boolean) => Input) => ({
  ...{ kind: "choice" as const, name, label },
  options: [
    { value: "yes", label: "Yes", input: input(true) },
    { value: "no", label: "No", input: input(false) },
  ],
});

const text = <Input>(name: string, label: string, input: (text: string) => Input) => ({
  ...{ kind: "text" as const, name, label },
  input,
});

const DAY = 86_400_000;

/** A filter by a range of days. The range includes both days. Days are in UTC, as the page shows them. */
const days = <Input>(
  name: string,
  label: string,
  input: (range: { from: string | null; until: string | null }) => Input,
) => ({
  ...{ kind: "days" as const, name, label },
  input: ({ from, to }: Range) =>
    input({
      from: from ? new Date(from).toISOString() : null,
      until: to ? new Date(Date.parse(to) + DAY).toISOString() : null,
    }),
});

/** A filter by a range of times. The end is exclusive. Times are in UTC, as the page shows them. */
const times = <Input>(
  name: string,
  label: string,
  input: (range: { from: string | null; until: string | null }) => Input,
) => ({
  ...{ kind: "times" as const, name, label },
  input: ({ from, to }: Range) =>
    input({ from: from ? atUtc(from) : null, until: to ? atUtc(to) : null }),
});

const atUtc = (time: string) => new Date(`${time}Z`).toISOString();

const count = <Input>(
  name: string,
  label: string,
  input: (range: { min: number | null; max: number | null }) => Input,
) => ({
  ...{ kind: "count" as const, name, label },
  input: ({ from, to }: Range) =>
    input({ min: from ? Number(from) : null, max: to ? Number(to) : null }),
});

const byWords =
  (first: Direction, ...words: [string, string]) =>
  <Field>(field: Field, label: string): SortChoice<Field> => ({ field, label, first, words });

const byTime = byWords("DESC", "oldest first", "newest first");
const byText = byWords("ASC", "A to Z", "Z to A");
const byCount = byWords("DESC", "smallest first", "largest first");
const byFlag = byWords("DESC", "no first", "yes first");
const byState = byWords("DESC", "active first", "deleted first");

export const userControls: ListControls<InputOf<"UserFilter">, InputOf<"UserOrderField">> = {
  filters: [
    {
      ...{ kind: "choice", name: "state", label: "State" },
      options: [
        { value: "active", label: "Active", input: { state: "ACTIVE" } },
        { value: "locked", label: "Locked", input: { state: "LOCKED" } },
        { value: "banned", label: "Banned", input: { state: "BANNED" } },
        { value: "deleted", label: "Deleted", input: { state: "DELETED" } },
      ],
    },
    {
      ...{ kind: "choice", name: "email", label: "Primary email" },
      options: [
        { value: "verified", label: "Verified", input: { primaryEmail: "VERIFIED" } },
        { value: "unverified", label: "Not verified", input: { primaryEmail: "UNVERIFIED" } },
        { value: "none", label: "None", input: { primaryEmail: "NONE" } },
      ],
    },
    flag("password", "Password", (hasPassword) => ({ hasPassword })),
    flag("2fa", "Two-factor", (hasTwoFactor) => ({ hasTwoFactor })),
    flag("passkey", "Passkey", (hasPasskey) => ({ hasPasskey })),
    flag("admin", "Platform admin", (isAdmin) => ({ isAdmin })),
    flag("drifted", "Differs from Clerk", (isDrifted) => ({ isDrifted })),
    flag("member", "In an organization", (hasOrganization) => ({ hasOrganization })),
    // Accepts a provider's plain name, "Google", and Clerk's name, "oauth_google".
    text("provider", "Connected account", (provider) => ({
      provider: provider.includes("_") ? provider : `oauth_${provider.toLowerCase()}`,
    })),
    text("external-id", "External id", (externalId) => ({ externalId })),
    days("created", "Created", (createdAt) => ({ createdAt })),
    days("changed", "Last changed", (updatedAt) => ({ updatedAt })),
    days("active", "Last active", (lastActiveAt) => ({ lastActiveAt })),
    days("sign-in", "Last sign-in", (lastSignInAt) => ({ lastSignInAt })),
  ],
  sorts: [
    byTime("CREATED_AT", "Created"),
    byText("NAME", "Name"),
    byText("EMAIL", "Email"),
    byTime("LAST_ACTIVE_AT", "Last active"),
    byTime("LAST_SIGN_IN_AT", "Last sign-in"),
    byTime("UPDATED_AT", "Last changed"),
    byState("STATE", "State"),
    byText("USERNAME", "Username"),
    byText("PHONE", "Phone"),
    byText("EXTERNAL_ID", "External id"),
    byFlag("EMAIL_VERIFIED", "Email verified"),
    byFlag("TWO_FACTOR", "Two-factor"),
    byText("ID", "Id"),
  ],
};

export const organizationControls: ListControls<
  InputOf<"OrganizationFilter">,
  InputOf<"OrganizationOrderField">
> = {
  filters: [
    {
      ...{ kind: "choice", name: "state", label: "State" },
      options: [
        { value: "active", label: "Active", input: { state: "ACTIVE" } },
        { value: "deleted", label: "Deleted", input: { state: "DELETED" } },
      ],
    },
    flag("drifted", "Differs from Clerk", (isDrifted) => ({ isDrifted })),
    count("members", "Members", (membersCount) => ({ membersCount })),
    flag("limited", "Has a member limit", (hasMemberLimit) => ({ hasMemberLimit })),
    count("limit", "Member limit", (maxAllowedMemberships) => ({ maxAllowedMemberships })),
    text("creator", "Created by (user id)", (createdBy) => ({ createdBy })),
    days("created", "Created", (createdAt) => ({ createdAt })),
    days("changed", "Last changed", (updatedAt) => ({ updatedAt })),
  ],
  sorts: [
    byTime("CREATED_AT", "Created"),
    byText("NAME", "Name"),
    byCount("MEMBERS_COUNT", "Members"),
    byTime("UPDATED_AT", "Last changed"),
    byText("SLUG", "Slug"),
    byText("CREATED_BY", "Created by"),
    byFlag("ADMINS_MAY_DELETE", "Admins may delete"),
    byText("ID", "Id"),
  ],
};

export const memberControls: ListControls<InputOf<"MemberFilter">, InputOf<"MemberOrderField">> = {
  filters: [
    text("role", "Role", (role) => ({ role: roleKey(role) })),
    days("joined", "Joined", (joinedAt) => ({ joinedAt })),
  ],
  sorts: [
    byTime("JOINED_AT", "Joined"),
    byTime("UPDATED_AT", "Last changed"),
    byText("NAME", "Name"),
    byText("EMAIL", "Email"),
    byText("ROLE", "Role"),
    byState("STATE", "State"),
    byText("ID", "Membership id"),
  ],
};

export const invitationControls: ListControls<
  InputOf<"InvitationFilter">,
  InputOf<"InvitationOrderField">
> = {
  filters: [
    {
      ...{ kind: "choice", name: "status", label: "Status" },
      options: [
        { value: "pending", label: "Pending", input: { status: "PENDING" } },
        { value: "accepted", label: "Accepted", input: { status: "ACCEPTED" } },
        { value: "revoked", label: "Revoked", input: { status: "REVOKED" } },
        { value: "expired", label: "Expired", input: { status: "EXPIRED" } },
      ],
    },
    text("role", "Role", (role) => ({ role: roleKey(role) })),
    text("organization", "Organization id", (organizationId) => ({ organizationId })),
    days("expires", "Expires", (expiresAt) => ({ expiresAt })),
    days("created", "Created", (createdAt) => ({ createdAt })),
  ],
  sorts: [
    byTime("CREATED_AT", "Created"),
    byTime("EXPIRES_AT", "Expires"),
    byText("EMAIL", "Email"),
    byText("STATUS", "Status"),
    byText("ROLE", "Role"),
    byText("ID", "Id"),
  ],
};

export const auditControls: ListControls<InputOf<"AuditFilter">, InputOf<"AuditOrderField">> = {
  filters: [
    text("actor", "Actor (id)", (actor) => ({ actor })),
    text("action", "Action (* at the end for any)", (action) => ({ action })),
    text("subject", "Subject (id)", (subject) => ({ subject })),
    days("at", "Time", (at) => ({ at })),
  ],
  sorts: [
    byTime("AT", "Time"),
    byText("ACTION", "Action"),
    byText("ACTOR", "Actor"),
    byText("SUBJECT", "Subject"),
  ],
};

export const erasureControls: ListControls<
  InputOf<"ErasureFilter">,
  InputOf<"ErasureOrderField">
> = {
  filters: [
    {
      ...{ kind: "choice", name: "state", label: "State" },
      options: [
        { value: "under-way", label: "Under way", input: { state: "UNDER_WAY" } },
        { value: "held", label: "Held back", input: { state: "HELD" } },
        { value: "paused", label: "Paused by the brake", input: { state: "PAUSED" } },
        { value: "erasing", label: "Erasing", input: { state: "ERASING" } },
        { value: "erased", label: "Erased", input: { state: "ERASED" } },
        { value: "undone", label: "Undone", input: { state: "UNDONE" } },
      ],
    },
    {
      ...{ kind: "choice", name: "kind", label: "Kind" },
      options: [
        { value: "person", label: "Person", input: { kind: "USER" } },
        { value: "organization", label: "Organization", input: { kind: "ORGANIZATION" } },
      ],
    },
    {
      ...{ kind: "choice", name: "reason", label: "Reason" },
      options: [
        { value: "own", label: "Person’s own request", input: { reason: "USER_REQUESTED" } },
        { value: "admin", label: "Admin’s action", input: { reason: "ADMIN_ACTION" } },
        { value: "violation", label: "Policy violation", input: { reason: "POLICY_VIOLATION" } },
        { value: "unknown", label: "Unknown", input: { reason: "UNKNOWN" } },
      ],
    },
    days("deleted", "Deleted", (deletedAt) => ({ deletedAt })),
  ],
  sorts: [byTime("DELETED_AT", "Deleted")],
};

type DeliveryFilter = InputOf<"DeliveryFilter">;

/** The options of the outcome filter. In the URL, each option is the API's value in lower case: `dead` for `DEAD`. */
const outcomes: { label: string; input: DeliveryFilter }[] = [
  { label: "Applied", input: { outcome: "APPLIED" } },
  { label: "Stale", input: { outcome: "STALE" } },
  { label: "Ignored", input: { outcome: "IGNORED" } },
  { label: "Pending", input: { outcome: "PENDING" } },
  { label: "Dead letter", input: { outcome: "DEAD" } },
  { label: "From another instance", input: { outcome: "QUARANTINED" } },
  { label: "Unreadable", input: { outcome: "UNREADABLE" } },
  { label: "Discarded", input: { outcome: "DISCARDED" } },
  { label: "Partly readable", input: { list: "PARTIAL" } },
  { label: "Unknown type, last 24 h", input: { list: "UNKNOWN" } },
];

export const deliveryControls: ListControls<DeliveryFilter, InputOf<"DeliveryOrderField">> = {
  filters: [
    text("type", "Event type (* for any characters)", (type) => ({ type })),
    {
      ...{ kind: "choice", name: "outcome", label: "Outcome" },
      options: outcomes.map(({ label, input }) => ({
        value: (input.outcome ?? input.list ?? "").toLowerCase(),
        label,
        input,
      })),
    },
    text("object", "Object id", (objectId) => ({ objectId })),
    count("delay", "Delay (s)", (delaySeconds) => ({ delaySeconds })),
    times("received", "Received (UTC)", (receivedAt) => ({ receivedAt })),
  ],
  sorts: [
    byTime("RECEIVED_AT", "Received"),
    byCount("DELAY", "Delay"),
    byText("TYPE", "Event"),
    byWords("DESC", "A to Z", "Z to A")("OUTCOME", "Outcome"),
    byText("OBJECT_ID", "Object id"),
  ],
};

/** Returns the role's key. Accepts the key, "org:admin", and the name that the console shows, "Admin". */
function roleKey(role: string): string {
  return role.includes(":") ? role : `org:${role.toLowerCase().replaceAll(" ", "_")}`;
}
