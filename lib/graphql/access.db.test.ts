/**
 * Tests the access matrix: requests every field that the schema can reach, as seven kinds of viewers. The results are committed
 * as `access-matrix.txt`, so that every change of access shows up in review.
 */
import { randomUUID } from "node:crypto";
import { type GraphQLField, getNamedType, isLeafType, isObjectType } from "graphql";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { POST } from "@/app/api/graphql/route";
import { POST as STREAM } from "@/app/api/graphql/stream/route";
import { adminJson } from "@/dev/testing/admins-at-clerk";
import { startBackendApi } from "@/dev/testing/backend-api";
import { clerkId, deletedJson, event, membershipJson } from "@/dev/testing/clerk-payloads";
import { caughtUp, listening } from "@/dev/testing/listening";
import { deliver, mirrorAdmin, mirrorOrganization, mirrorUser } from "@/dev/testing/mirror";
import { signToken } from "@/dev/testing/sign";
import { makeSocialData } from "@/dev/testing/social"; // part of the sample product
import { database } from "../db";
import { runErasures } from "../erasure/erase";
import { fieldsWithoutAuthScopes } from "./limits/default-deny";
import { schema } from "./schema";

const organization = clerkId("org");
const otherOrganization = clerkId("org");
const ids = {
  member: clerkId("user"),
  "organization admin": clerkId("user"),
  "ex-member": clerkId("user"),
  "admin of another organization": clerkId("user"),
  "platform admin": clerkId("user"),
};
const failing = clerkId("user");
const archived = clerkId("user");
const invitation = clerkId("orginv");
const membershipOfMember = clerkId("orgmem");
const bulk = randomUUID();
/** A ticket like Clerk's for `invitation`, with an invalid signature: our API does not verify the signatures of tickets. */
const ticket = ["{}", { st: "organization_invitation", sid: invitation, oid: organization }, "{}"]
  .map((part) =>
    Buffer.from(typeof part === "string" ? part : JSON.stringify(part)).toString("base64url"),
  )
  .join(".");
let delivery = "";
const receiptToken = "00000000-0000-4000-8000-000000000001";
const erasure = "00000000-0000-4000-8000-000000000002";
const api = await startBackendApi();
process.env.CLERK_API_URL = api.url;
afterAll(() => api.close());

/** The last factor was verified 11 minutes ago, so that no viewer deletes the account that the next request needs. */
const tokenOf = (claims: Record<string, unknown>) =>
  `Bearer ${signToken(process.env.TEST_PRIVATE_KEY ?? "", { fva: [11, -1], ...claims })}`;
const o = { id: organization, rol: "admin" };
const viewers: Record<string, () => string> = {
  anonymous: () => "",
  "ex-member": () => tokenOf({ sub: ids["ex-member"], o }),
  "admin of another organization": () =>
    tokenOf({ sub: ids["admin of another organization"], o: { ...o, id: otherOrganization } }),
  member: () => tokenOf({ sub: ids.member, o }),
  "organization admin": () => tokenOf({ sub: ids["organization admin"], o }),
  "platform admin, impersonated": () =>
    tokenOf({ sub: ids["platform admin"], act: { sub: "user_support" } }),
  "platform admin": () => tokenOf({ sub: ids["platform admin"] }),
};

beforeAll(async () => {
  await listening();
  await mirrorAdmin(ids["platform admin"]);
  const { "platform admin": _admin, ...others } = ids;
  for (const id of Object.values(others)) await mirrorUser(id);
  // The test reads only the first row of a list, and lists are newest first. This time makes `ids.member` and `organization` the
  // newest, whatever the random ids are.
  const newest = { created_at: 1_790_000_005_000 };
  await mirrorUser(ids.member, { ...newest, updated_at: 1_790_000_005_000 });
  await mirrorOrganization(otherOrganization);
  await mirrorOrganization(organization, newest);
  const join = (id: string, userId: string, organizationId: string, role: string) =>
    deliver(
      event("organizationMembership.created", membershipJson({ id, userId, organizationId, role })),
    );
  const left = clerkId("orgmem");
  await join(membershipOfMember, ids.member, organization, "org:member");
  await join(clerkId("orgmem"), ids["organization admin"], organization, "org:admin");
  // The stub of Clerk's Backend API (`api`) also gets the membership of the organization admin. The stub refuses to create or
  // revoke an invitation.
  api.memberships.push({
    ...membershipJson({
      ...{ id: clerkId("orgmem"), userId: ids["organization admin"] },
      ...{ organizationId: organization, role: "org:admin" },
    }),
    created_at: 1,
  });
  api.users.push(adminJson(ids["platform admin"]));
  await join(left, ids["ex-member"], organization, "org:admin");
  await join(
    clerkId("orgmem"),
    ids["admin of another organization"],
    otherOrganization,
    "org:admin",
  );
  await deliver(event("organizationMembership.deleted", deletedJson(left)));
  // The invitation is sent to the former member's verified address.
  await deliver(
    event("organizationInvitation.created", {
      ...{ id: invitation, organization_id: organization, role: "org:member" },
      ...{ role_name: "Member", status: "pending", inviter_id: ids["organization admin"] },
      email_address: `${ids["ex-member"]}@example.com`,
      public_metadata: { desk: 1 },
      created_at: 1_790_000_000_000,
      updated_at: 1_790_000_000_000,
      expires_at: 4_000_000_000_000,
    }),
  );
  // Erase a user who has a purchase: the archive then has an entry.
  await mirrorUser(archived);
  await database().pool.query(
    "INSERT INTO payment_attempts (id, version, user_id, amount, status) VALUES ('pay_archived', 1, $1, 100, 'paid')",
    [archived],
  );
  await deliver(event("user.deleted", deletedJson(archived)));
  await runErasures();
  await database().pool.query("UPDATE erasures SET id = $2 WHERE subject_id = $1", [
    archived,
    erasure,
  ]);
  await database().pool.query(
    "INSERT INTO provisionings (user_id, claimed_until, failed_at, error) VALUES ($1, now() + interval '1 h', now(), 'clerk')",
    [failing],
  );
  await database().pool.query(
    `WITH session AS (INSERT INTO sessions (id, version, user_id, status) VALUES ('sess_access', 1, $1, 'active')),
       payment AS (INSERT INTO payment_attempts (id, version, user_id, amount) VALUES ('pay_access', 1, $1, 100))
     INSERT INTO subscription_items (id, version, user_id) VALUES ('item_access', 1, $1)`,
    [ids.member],
  );
  await database().pool.query(
    "INSERT INTO erasures (subject_kind, subject_id, addresses, step, next_at, receipt_token) VALUES ('user', 'user_access', '{}', 'requested', NULL, $1)",
    [receiptToken],
  );
  await database().pool.query(
    `WITH act AS (INSERT INTO acts (name, actor_id, object_kind, object_id, user_id, organization_id, state)
         VALUES ('user.ban', $1, 'user', $2, $2, $3, 'confirmed') RETURNING id),
       bulk AS (INSERT INTO bulk_acts (id, name, actor_id, state) VALUES ($4, 'user.ban', $1, 'stopped') RETURNING id)
     INSERT INTO bulk_act_items (bulk_id, position, object_id, act_id) SELECT bulk.id, 1, $2, act.id FROM bulk, act`,
    [ids["platform admin"], ids.member, organization, bulk],
  );
  await makeSocialData(ids.member, "access_0"); // part of the sample product
  const received = await database().pool.query(
    "SELECT svix_id FROM deliveries WHERE object_id IS NOT NULL LIMIT 1",
  );
  delivery = z.object({ svix_id: z.string() }).parse(received.rows[0]).svix_id;
  await caughtUp();
});

/**
 * The values of the arguments that the queries pass, by the arguments' names. Most of the viewers are not members of
 * `organization`.
 */
const argumentValues: Record<string, string> = {
  userId: failing,
  organizationId: organization,
  slug: "portugal",
  countryId: "PT",
  handle: "access_0",
  profileId: "unknown",
  ticket,
  email: "someone@example.com",
  role: "org:member",
  invitationId: invitation,
  token: receiptToken,
  search: archived,
  erasureId: erasure,
  reason: "refund request 4711",
  text: "A note.",
  handler: "unknown",
  membershipId: membershipOfMember,
  payerId: ids.member,
  objectId: ids.member,
  at: "2026-11-28T10:00:00Z",
  viewId: "00000000-0000-4000-8000-000000000000",
  name: "A view",
  headers: "svix-id: msg_1",
  body: "{}",
  type: "email.created",
  data: "{}",
  parameters: "state=banned",
};

/** The values of arguments that are not strings. No saved view has this version. */
const literalArguments: Record<string, string> = {
  isPrivate: "true",
  isShared: "false",
  consoleList: "USERS",
  version: "99",
};

/** The root fields that a request without a viewer may read. Every other root field must return UNAUTHENTICATED. */
const publicFields = ["countries", "country", "profile", "invitationGreeting", "erasureReceipt"];

function call(parent: string, field: GraphQLField<unknown, unknown>): string {
  const isUserField = parent === "Query" && field.name === "user";
  const given = field.args.flatMap(({ name, type }) => {
    if (name === "first") return ["first: 5"];
    if (name === "list") return ["list: PENDING"];
    if (name === "kind") return ["kind: USER"];
    if (name === "selection") return ['selection: { ids: ["unknown"] }'];
    if (name === "name" && !/(ConsoleView|FeedEndpoint)$/.test(field.name))
      return ["name: USER_UNLOCK"];
    if (name === "objectIds" || name === "ids") return [`${name}: ["${ids.member}"]`];
    if (name === "id" && field.name.toLowerCase().includes("bulkact")) return [`id: "${bulk}"`];
    const literal = literalArguments[name];
    if (literal !== undefined) return [`${name}: ${literal}`];
    const isDeliveryField = parent === "Query" && field.name === "delivery";
    const idOfField = isUserField ? ids.member : isDeliveryField ? delivery : organization;
    const value = name === "id" ? idOfField : argumentValues[name];
    const isRequired = String(type).endsWith("!");
    if (value === undefined && isRequired)
      throw new Error(`${parent}.${field.name}(${name}:) needs a value here.`);
    return value === undefined ? [] : [`${name}: "${value}"`];
  });
  return given.length > 0 ? `${field.name}(${given.join(", ")})` : field.name;
}

/** A path from a root field to a leaf. `within(selection)` returns the query text with this selection in place of the leaf. */
type Path = { names: string[]; leaf: string; within: (selection: string) => string };

const textOf = ({ leaf, within }: Path) => within(leaf);

/** Returns all paths from a type to its leaf fields. No path visits a type twice. */
function pathsFrom(typeName: string, visited: string[] = []): Path[] {
  const type = schema.getType(typeName);
  if (!isObjectType(type) || visited.includes(typeName)) return [];
  return Object.values(type.getFields()).flatMap((field) => {
    const target = getNamedType(field.type);
    const text = call(typeName, field);
    if (isLeafType(target)) return [{ names: [field.name], leaf: text, within: (leaf) => leaf }];
    return pathsFrom(target.name, [...visited, typeName]).map((path) => ({
      ...path,
      names: [field.name, ...path.names],
      within: (selection) => `${text} { ${path.within(selection)} }`,
    }));
  });
}

function reach(value: unknown, [name, ...rest]: string[]): string {
  const one: unknown = Array.isArray(value) ? value[0] : value;
  if (Array.isArray(value) && value.length === 0) return "empty";
  if (one === null || one === undefined) return name === undefined ? "yes" : "null";
  if (name === undefined) return "yes";
  return reach(new Map(Object.entries(one)).get(name), rest);
}

function send(kind: string, selection: string, authorization: string): Promise<Response> {
  const isStream = kind === "subscription";
  const headers = {
    "content-type": "application/json",
    accept: isStream ? "text/event-stream" : "application/json",
    ...(authorization && { authorization }),
  };
  const body = JSON.stringify({ query: `${kind} { ${selection} }` });
  const request = new Request("https://rollcall.test/api/graphql", {
    method: "POST",
    headers,
    body,
  });
  return (isStream ? STREAM : POST)(request);
}

const answer = z.object({
  data: z.unknown().optional(),
  errors: z
    .array(
      z.object({
        path: z.array(z.union([z.string(), z.number()])).default([]),
        extensions: z.object({ code: z.string() }),
      }),
    )
    .default([]),
});

const isPrefix = (path: (string | number)[], names: string[]) =>
  path.filter((key) => typeof key === "string").every((name, at) => name === names[at]);

/**
 * Returns the access result of each leaf, from the response to one request for all leaves. The result is null if another leaf's
 * error made the parent object null, which hides this leaf's result.
 */
function resultsOf(leaves: Path[], response: unknown): (string | null)[] {
  const { data, errors } = answer.parse(response);
  return leaves.map(({ names }) => {
    const error =
      leaves.length === 1 ? errors[0] : errors.find(({ path }) => isPrefix(path, names));
    if (error) return error.extensions.code;
    const result = reach(data, names);
    return errors.length > 0 && result !== "yes" ? null : result;
  });
}

/**
 * Publishes a change in each of four tables. Then publishes a flush of three tables: every subscription listens to one of them,
 * so every stream receives an event.
 */
async function publishChanges(): Promise<void> {
  const users = Object.values(ids);
  const membership = {
    ids: [clerkId("orgmem")],
    users: [clerkId("user")],
    organizations: [organization],
  };
  const flush = true;
  const messages = [
    { table: "users", ids: users },
    { table: "organizations", ids: [organization] },
    { table: "memberships", ...membership },
    { table: "deliveries", ids: [delivery] },
    ...["organizations", "memberships", "deliveries"].map((table) => ({ table, flush })),
  ];
  for (const message of messages) {
    await database().pool.query("SELECT pg_notify('rollcall', $1)", [JSON.stringify(message)]);
  }
  // Wait until all messages have arrived: a late message would be the first event of the next streams.
  await caughtUp();
}

/**
 * Resolves to the first event of a stream. If the stream was refused, resolves to the body of the response; if the stream ends
 * without an event, to undefined.
 */
async function firstOf(response: Response): Promise<unknown> {
  if (!response.ok) return response.json();
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const data = /^event: next\ndata: (.*)\n\n/m.exec(text)?.[1];
    if (data !== undefined) return JSON.parse(data);
  }
  return undefined;
}

/** Sends the same request once as each viewer. Resolves to the responses, in the order of `viewers`. */
async function sendAll(kind: string, selection: string): Promise<unknown[]> {
  const tokens = Object.values(viewers).map((token) => token());
  if (kind !== "subscription") {
    return Promise.all(tokens.map(async (token) => (await send(kind, selection, token)).json()));
  }
  const streams: Response[] = [];
  for (const token of tokens) streams.push(await send(kind, selection, token));
  await publishChanges();
  return Promise.all(streams.map(firstOf));
}

/**
 * Resolves to one row for each leaf of one object, with the access of each viewer. Sends one request for all leaves. Then sends
 * further requests for the leaves whose result is null for any viewer.
 */
async function accessTo(kind: string, leaves: Path[]): Promise<string[][]> {
  if (leaves.length === 0) return [];
  const selection = leaves[0]?.within(leaves.map(({ leaf }) => leaf).join(" ")) ?? "";
  const columns = (await sendAll(kind, selection)).map((response) =>
    response === undefined ? leaves.map(() => "ended") : resultsOf(leaves, response),
  );
  const rows = leaves.map((leaf, at) => ({
    leaf,
    row: columns.map((column) => column[at] ?? null),
  }));
  const undecided = rows.filter(({ row }) => row.includes(null)).map(({ leaf }) => leaf);
  const isSmaller = undecided.length < leaves.length;
  const again = isSmaller
    ? await accessTo(kind, undecided)
    : (await Promise.all(undecided.map((leaf) => accessTo(kind, [leaf])))).flat();
  return rows.map(({ leaf, row }) => {
    const more = again[undecided.indexOf(leaf)];
    return row.map((result, viewer) => result ?? more?.[viewer] ?? "undecided");
  });
}

/**
 * Resolves to the rows of the access matrix for all fields below a root type. Requests the leaves of one object together, but
 * each leaf of a mutation alone, because a mutation changes data.
 */
async function rowsOf(root: "Query" | "Mutation" | "Subscription"): Promise<string[]> {
  const kind = root.toLowerCase();
  const paths = pathsFrom(root);
  const groups = new Map<string, Path[]>();
  for (const path of paths) {
    const key = root === "Mutation" ? textOf(path) : path.within("");
    groups.set(key, [...(groups.get(key) ?? []), path]);
  }
  const rows = new Map<Path, string>();
  for (const leaves of groups.values()) {
    for (const [at, results] of (await accessTo(kind, leaves)).entries()) {
      const path = leaves[at];
      if (path) rows.set(path, `${kind} ${path.names.join(".")}: ${results.join(" | ")}`);
    }
  }
  return paths.flatMap((path) => rows.get(path) ?? []);
}

test("every field has authScopes", () => {
  expect(fieldsWithoutAuthScopes(schema)).toEqual([]);
});

test("the access of every kind of viewer to every field equals access-matrix.txt (vitest -u writes it)", async () => {
  const rows = [
    ...(await rowsOf("Query")),
    ...(await rowsOf("Mutation")),
    ...(await rowsOf("Subscription")),
  ];
  expect(rows.length).toBeGreaterThan(100);
  const title = `who: ${Object.keys(viewers).join(" | ")}`;
  await expect(`${[title, ...rows].join("\n")}\n`).toMatchFileSnapshot("./access-matrix.txt");
  for (const row of rows) {
    const [field = "", answers = ""] = row.split(": ");
    const isPublic = publicFields.includes(/^query (\w+)/.exec(field)?.[1] ?? "");
    expect([row, answers.split(" | ")[0] === "UNAUTHENTICATED"]).toEqual([row, !isPublic]);
  }
}, 600_000);
