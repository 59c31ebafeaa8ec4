/** The form fields of each act that needs arguments, in the order of the form. */
import type { ResultOf, VariablesOf } from "@/lib/document";
import { graphql } from "@/lib/document";

export const possibleActsQuery = graphql(`
  query PossibleActs($kind: ActObjectKind!, $id: ID) {
    possibleActs(kind: $kind, id: $id) {
      name
      label
      busyLabel
      sentence
      objectName
      skipped
      reason
      isDestructive
      isIrreversible
    }
  }
`);

export type ChosenAct = ResultOf<typeof possibleActsQuery>["possibleActs"][number];
export type ActKind = VariablesOf<typeof possibleActsQuery>["kind"];

/** The initial values of the form's fields. */
export type ActPrefill = Partial<Record<ActFieldName, string>> & {
  /** The roles to choose from: key and name. */
  roles?: { key: string; name: string }[];
};

export type ActFieldName =
  | "email"
  | "firstName"
  | "lastName"
  | "username"
  | "externalId"
  | "userId"
  | "role"
  | "name"
  | "slug"
  | "enrollmentMode"
  | "deletionReason"
  | "publicMetadata"
  | "privateMetadata"
  | "unsafeMetadata";

export type ActField = {
  name: ActFieldName;
  label: string;
  kind: "text" | "email" | "json" | "role" | "enrollment" | "deletion";
  hint?: string;
  /** If true, the field is not sent when it is empty or unchanged. */
  isOptional?: true;
  /** If true, the value is only recorded: a bulk act has the same dry run with any value, and asks for it beside the dry run. */
  isOnlyRecorded?: true;
};

const role: ActField = { name: "role", label: "Role", kind: "role" };
const email: ActField = { name: "email", label: "Email address", kind: "email" };
const enrollment: ActField = {
  name: "enrollmentMode",
  label: "People with such an address",
  kind: "enrollment",
};
const deletion: ActField = {
  name: "deletionReason",
  label: "Recorded as",
  kind: "deletion",
  hint: "Kept in the receipt, and in the archive with the purchases.",
  isOnlyRecorded: true,
};
const json = (name: ActFieldName, label: string, hint?: string): ActField => ({
  ...{ name, label, kind: "json", isOptional: true },
  ...(hint && { hint }),
});
const MERGED = 'A JSON object, like { "plan": "pro" }. A key with the value null is removed.';
const privateMetadata = json(
  "privateMetadata",
  "Private metadata",
  "Rollcall does not show the value. Leave empty to keep it.",
);

/** The acts after which Rollcall erases data, with the kind of what is erased. */
export const erasedKinds = new Map<ChosenAct["name"], "USER" | "ORGANIZATION">([
  ["USER_DELETE", "USER"],
  ["ORGANIZATION_DELETE", "ORGANIZATION"],
]);

export const actFields: Partial<Record<ChosenAct["name"], ActField[]>> = {
  USER_SET_METADATA: [
    json("publicMetadata", "Public metadata"),
    json("unsafeMetadata", "Unsafe metadata"),
    privateMetadata,
  ],
  USER_MERGE_METADATA: [
    json("publicMetadata", "Public metadata", MERGED),
    json("unsafeMetadata", "Unsafe metadata"),
    json("privateMetadata", "Private metadata"),
  ],
  USER_SET_EXTERNAL_ID: [{ name: "externalId", label: "External id", kind: "text" }],
  USER_DELETE: [deletion],
  ORGANIZATION_DELETE: [deletion],
  USER_CREATE: [
    email,
    { name: "firstName", label: "First name", kind: "text", isOptional: true },
    { name: "lastName", label: "Last name", kind: "text", isOptional: true },
    { name: "username", label: "Username", kind: "text", isOptional: true },
  ],
  INSTANCE_INVITE: [email],
  ORGANIZATION_INVITE: [email, role],
  ORGANIZATION_ADD_MEMBER: [
    { name: "userId", label: "User id", kind: "text", hint: "It starts with user_." },
    role,
  ],
  ORGANIZATION_RENAME: [
    { name: "name", label: "Name", kind: "text" },
    { name: "slug", label: "Slug", kind: "text", isOptional: true },
  ],
  ORGANIZATION_SET_METADATA: [json("publicMetadata", "Public metadata"), privateMetadata],
  ORGANIZATION_MERGE_METADATA: [
    json("publicMetadata", "Public metadata", MERGED),
    json("privateMetadata", "Private metadata"),
  ],
  ORGANIZATION_ADD_DOMAIN: [{ name: "name", label: "Domain", kind: "text" }, enrollment],
  DOMAIN_ENABLE: [enrollment],
  MEMBERSHIP_SET_ROLE: [role],
};
