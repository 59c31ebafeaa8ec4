/**
 * Creates a user, called the canary, with data in every feature. Returns the strings by which a scan of the database finds this
 * data.
 */
import { randomUUID } from "node:crypto";
import { recordAudit } from "@/lib/audit";
import { database } from "@/lib/db";
import { leaveConsoleTraces } from "./canary-console";
import { clerkId, emailJson, membershipJson, organizationJson, userJson } from "./clerk-payloads";
import { mirrorUser } from "./mirror";
import { leaveSocialTraces } from "./social"; // part of the sample product
import { sendWebhook } from "./webhook";

const T = 1_790_000_000_000;
const sql = (text: string, values: unknown[] = []) => database().pool.query(text, values);

export type Canary = {
  id: string;
  /** A user who follows the canary, is followed by the canary, and is in the same organization. */
  friendId: string;
  organizationId: string;
  sessionId: string;
  /** An invitation that the canary sent to another person. */
  sentInvitationId: string;
  membershipId: string;
  invitationId: string;
  userObject: ReturnType<typeof userJson>;
  /** The e-mail addresses, in lower case. */
  addresses: string[];
  /** The names, the number and the image's URL, as they are stored. */
  attributes: string[];
  /** Strings that must not be in the database after the canary's erasure. */
  traces: string[];
};

/** Returns a webhook event as Clerk sends it, with the IP address of the request that caused it. */
const envelope = (type: string, data: object, ip: string, timestamp = T) => ({
  object: "event",
  type,
  data,
  timestamp,
  instance_id: "ins_test",
  event_attributes: { http_request: { client_ip: ip, user_agent: `Browser of ${ip}` } },
});

async function accept(payload: object): Promise<void> {
  const status = await sendWebhook(payload);
  if (status !== 200) throw new Error(`the webhook was answered with ${status}`);
}

export async function makeCanary(): Promise<Canary> {
  const tag = randomUUID().slice(0, 8);
  const id = clerkId("user");
  const [friendId, organizationId] = [clerkId("user"), clerkId("org")];
  const ip = "203.0.113.77";
  const address = `Canary.${tag}@Example.org`;
  const person = {
    id,
    username: `yellowbird${tag}`,
    first_name: `Serinus${tag}`,
    last_name: `Canaria${tag}`,
    image_url: `https://img.example.test/${tag}-portrait.png`,
    external_id: `ours-${tag}`,
    email_addresses: [emailJson("idn_0", `second.${tag}@example.net`), emailJson("idn_1", address)],
    phone_numbers: [
      { id: "idn_2", object: "phone_number", phone_number: `+1555${tag}`, verification: null },
    ],
    external_accounts: [
      {
        id: "eac_1",
        object: "external_account",
        provider: "oauth_google",
        email_address: `google.${tag}@example.com`,
      },
    ],
    public_metadata: { nest: `public-${tag}` },
    unsafe_metadata: { song: `unsafe-${tag}` },
  };
  const userObject = userJson(person);
  const send = (type: string, data: object, timestamp = T) =>
    accept(envelope(type, data, ip, timestamp));

  await mirrorUser(friendId, { first_name: "Fringilla" });
  await send("user.created", userJson({ ...person, first_name: `Earlier${tag}` }));
  await send("user.updated", { ...userObject, updated_at: T + 1 }, T + 1);
  await send("organization.created", organizationJson({ id: organizationId, created_by: id }));
  const membershipId = clerkId("orgmem");
  const membership = membershipJson({
    id: membershipId,
    userId: id,
    organizationId,
    public_user_data: {
      user_id: id,
      identifier: address,
      first_name: person.first_name,
      image_url: person.image_url,
    },
    public_metadata: { perch: `membership-${tag}` },
  });
  await send("organizationMembership.created", membership);
  await send(
    "organizationMembership.created",
    membershipJson({ id: clerkId("orgmem"), userId: friendId, organizationId }),
  );
  const [sentInvitationId, invitationId] = [clerkId("orginv"), clerkId("orginv")];
  const invitation = {
    object: "organization_invitation",
    organization_id: organizationId,
    role: "org:member",
    status: "pending",
    created_at: T,
    updated_at: T,
  };
  await send("organizationInvitation.created", {
    ...invitation,
    id: sentInvitationId,
    email_address: "third@example.com",
    inviter_id: id,
  });
  await send("organizationInvitation.created", {
    ...invitation,
    id: invitationId,
    email_address: address.toUpperCase(),
    public_metadata: { note: `invited-${tag}` },
  });
  const sessionId = clerkId("sess");
  await send("session.created", {
    object: "session",
    id: sessionId,
    user_id: id,
    client_id: clerkId("client"),
    status: "active",
    created_at: T,
    updated_at: T,
    user: userObject,
  });
  await send("waitlistEntry.created", {
    object: "waitlist_entry",
    id: clerkId("wait"),
    email_address: address,
    status: "pending",
  });
  await send("email.created", {
    object: "email",
    id: clerkId("ema"),
    user_id: id,
    to_email_address: address,
    body: `Dear ${person.first_name}`,
  });
  await send("something.new", {
    object: "something",
    id: clerkId("some"),
    person: { id, name: person.first_name },
  });
  await send("paymentAttempt.created", {
    object: "payment_attempt",
    id: clerkId("pay"),
    payment_id: "pay_1",
    status: "paid",
    charge_type: "checkout",
    created_at: T,
    updated_at: T,
    payer: {
      user_id: id,
      first_name: person.first_name,
      last_name: person.last_name,
      email: address,
      image_url: person.image_url,
    },
    totals: { grand_total: { amount: 2200, currency: "USD" } },
    subscription_items: [],
  });

  await leaveSocialTraces(id, friendId, tag); // part of the sample product
  // With a profile, the user has its handle already.
  await sql("INSERT INTO handles (user_id, handle) VALUES ($1, $2) ON CONFLICT DO NOTHING", [
    id,
    `generated-${tag}`,
  ]);
  await sql("INSERT INTO provisionings (user_id, claimed_until) VALUES ($1, now())", [id]);
  for (const column of ["made_by", "user_id"]) {
    await sql(
      `INSERT INTO intents (id, secret_digest, action, args, expires_at, ${column}) VALUES ($1, '\\x00', 'wishlist.add', $2, now() + interval '1 h', $3)`,
      [randomUUID(), JSON.stringify({ countryId: `intent-${tag}` }), id],
    );
  }
  await sql(
    `WITH run AS (INSERT INTO sync_runs (mode, trigger, status, holder, cursor, counts) VALUES ('dry-run', 'command', 'done', '', '{}', '{}') RETURNING id)
     INSERT INTO drift_findings (run_id, kind, object_table, object_id, fields, cause)
     SELECT id, 'different', f.of_table, f.of_id, $3, 'unknown' FROM run, (VALUES ('users', $1), ('memberships', $2)) AS f (of_table, of_id)`,
    [
      id,
      membershipId,
      JSON.stringify({ first_name: { ours: person.first_name, theirs: `drifted-${tag}` } }),
    ],
  );
  await sql("INSERT INTO sync_seen VALUES ('users', $1)", [id]);
  await recordAudit({ actor: id, action: "test.acted", subject: friendId });
  await leaveConsoleTraces(id, friendId, tag);
  return {
    id,
    friendId,
    organizationId,
    sessionId,
    sentInvitationId,
    membershipId,
    invitationId,
    userObject,
    addresses: [address.toLowerCase(), `second.${tag}@example.net`, `google.${tag}@example.com`],
    attributes: [
      ...[person.username, person.first_name, person.last_name, person.image_url],
      ...[person.external_id, `+1555${tag}`, `finch_${tag}`, `warbler_${tag}`],
    ],
    // The tag is in every name, address, number and metadata of the canary.
    traces: [tag, ip],
  };
}
