/**
 * The contents of a user's data archive: for each table, which rows are about the user, and which columns are left out. A test
 * compares this list with the registry of personal data (`lib/erasure/registry.ts`), so a new table needs an entry here. A new
 * column of a listed table is included automatically.
 */
import { z } from "zod";
import type { PersonalTable, ReplacedColumns } from "./personal-table";
import { socialTables } from "./sample-product"; // part of the sample product

/** The version columns of each mirrored table are left out: they say nothing about the user. */
const ROW_VERSION: ReplacedColumns = { version: null, event_timestamp: null, svix_id: null };

/** Private metadata is left out: it contains notes of the team, which Clerk does not show to users either. */
const INTERNAL: ReplacedColumns = { private_metadata: null };

const OWN = "t.user_id = $1";
/**
 * Selects the user's invitations by user id, inviter id or verified address. An unverified address must not select an invitation,
 * because the invitation names its organization.
 */
const INVITED = `t.user_id = $1 OR t.inviter_id = $1 OR lower(t.email) = ANY (ARRAY(
  SELECT lower(a ->> 'email_address') FROM users u, jsonb_array_elements(
    CASE WHEN jsonb_typeof(u.email_addresses) = 'array' THEN u.email_addresses ELSE '[]' END) a
  WHERE u.id = $1 AND a #>> '{verification,status}' = 'verified'))`;

const delivery = z.looseObject({ body: z.string().nullable() });
const message = z.looseObject({
  data: z.looseObject({}).transform(({ private_metadata: _internal, ...data }) => data),
});

/**
 * Replaces the stored bytes of a webhook body with the parsed message, without the private metadata. If the body is not a valid
 * message, replaces it with null.
 */
function withReadableBody(json: string): string {
  const row = delivery.parse(JSON.parse(json));
  const text = Buffer.from(row.body ?? "", "base64").toString("utf8");
  return JSON.stringify({ ...row, body: parseMessage(text) });
}

function parseMessage(text: string) {
  try {
    return message.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** The tables of the data archive, keyed by table name. */
export const personalTables: Record<string, PersonalTable> = {
  users: {
    title: "You",
    about: "Your name, addresses and settings, as Clerk has sent them.",
    where: "t.id = $1",
    key: ["id"],
    columns: {
      ...{ ...ROW_VERSION, ...INTERNAL, search: null, sort_name: null, sort_email: null },
      ...{ sort_username: null, sort_phone: null, sort_external_id: null, sort_state: null },
    },
  },
  handles: {
    title: "Internal name",
    about: "A name that Rollcall made for you. It has nothing of your e-mail address.",
    where: OWN,
    key: ["user_id"],
  },
  memberships: {
    title: "Organizations",
    about: "Your memberships and roles, also those that have ended.",
    where: OWN,
    key: ["id"],
    columns: { ...ROW_VERSION, ...INTERNAL, sort_role: null },
  },
  invitations: {
    title: "Invitations",
    about: "Invitations that you sent, or that were sent to an address of yours.",
    where: INVITED,
    key: ["id"],
    columns: { ...ROW_VERSION, ...INTERNAL, sort_email: null, sort_status: null, sort_role: null },
  },
  sessions: {
    title: "Sessions",
    about: "Where you were signed in, and when.",
    where: OWN,
    key: ["id"],
    columns: ROW_VERSION,
  },
  payment_attempts: {
    title: "Purchases",
    about: "Payments of yours, and attempts that failed. Amounts are in the smallest unit.",
    where: OWN,
    key: ["id"],
    columns: ROW_VERSION,
  },
  subscriptions: {
    title: "Subscriptions",
    about: "Your subscription, and when it changed.",
    where: OWN,
    key: ["id"],
    columns: ROW_VERSION,
  },
  subscription_items: {
    title: "Plans",
    about: "The plans of your subscription.",
    where: OWN,
    key: ["id"],
    columns: ROW_VERSION,
  },
  intents: {
    title: "Actions",
    about: "What you did as a guest or as a member in the last days, such as adding a country.",
    where: "t.user_id = $1 OR t.made_by = $1",
    key: ["id"],
    columns: { secret_digest: null },
  },
  versions: {
    title: "History",
    about: "Earlier states of your data, which Rollcall keeps for a limited time.",
    where: OWN,
    key: ["object_id", "version", "svix_id", "run_id"],
    columns: { state: "t.state - 'private_metadata'" },
    pageSize: 200,
  },
  deliveries: {
    title: "Messages from Clerk",
    about: "The messages about you that Rollcall has received, and keeps for a limited time.",
    where: OWN,
    key: ["svix_id"],
    columns: { sha256: null, body: "encode(t.body, 'base64')", headers: null },
    pageSize: 100,
    restore: withReadableBody,
  },
  effect_jobs: {
    title: "Reactions",
    about: "What Rollcall did when your data changed.",
    where: OWN,
    key: ["id"],
    columns: {
      previous: "t.previous - 'private_metadata'",
      current: "t.current - 'private_metadata'",
    },
    pageSize: 200,
  },
  provisionings: {
    title: "First sign-in",
    about: "An attempt to fetch your data from Clerk that is not over.",
    where: OWN,
    key: ["user_id"],
  },
  audit_log: {
    title: "Audit log",
    about: "What was done by you, or to your account. Others who acted are not named.",
    where: "t.actor = $1 OR t.subject = $1",
    key: ["id"],
    columns: {
      actor: "CASE WHEN t.actor = $1 OR t.actor NOT LIKE 'user\\_%' THEN t.actor END",
      detail: "CASE WHEN t.actor = $1 THEN t.detail END",
      session_id: "CASE WHEN t.actor = $1 THEN t.session_id END",
    },
  },
  acts: {
    title: "Acts of admins",
    about: "What admins asked Clerk to do with your account, and what you asked for as an admin.",
    where: "t.user_id = $1 OR t.actor_id = $1",
    key: ["id"],
    columns: {
      actor_id: "CASE WHEN t.actor_id = $1 THEN t.actor_id END",
      reason:
        "CASE WHEN t.actor_id = $1 THEN coalesce(t.reason, (SELECT b.reason FROM bulk_acts b WHERE b.id = t.bulk_id)) END",
      proof: null,
      error_message: null,
    },
  },
  console_views: {
    title: "Saved views",
    about: "Views of lists that you saved as an admin of this site.",
    where: "t.owner_id = $1",
    key: ["id"],
    columns: { updated_by: null },
  },
  console_layouts: {
    title: "Columns of lists",
    about: "Which columns you chose for the lists of the console.",
    where: OWN,
    key: ["user_id", "list"],
  },
  ...socialTables, // part of the sample product
};

/** The tables with rows about users that are not in the data archive, each with the reason. */
export const leftOut: Record<string, string> = {
  bulk_act_items: "Which acts on many people included the user: acts has what happened.",
  erasures: "Its rows are of deleted users, and of those who are about to be.",
  erased_ids: "Ids of deleted users.",
  erasure_brakes: "Acts of platform admins: they are in the audit log too.",
  drift_findings: "Differences between Clerk and the mirror: their values are in the other tables.",
  sync_seen: "Ids of the reconciliation that is running. It is emptied afterwards.",
};
