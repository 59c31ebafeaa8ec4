import { getNamedType, isEnumType, isLeafType, isRequiredArgument } from "graphql";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { GET, POST } from "@/app/api/graphql/route";
import { startBackendApi } from "@/dev/testing/backend-api";
import { clerkId, deletedJson, event, userJson } from "@/dev/testing/clerk-payloads";
import { makeKeys } from "@/dev/testing/environment";
import { caughtUp, listening } from "@/dev/testing/listening";
import {
  deliver,
  mirrorAdmin,
  mirrorMembership,
  mirrorOrganization,
  mirrorUser,
} from "@/dev/testing/mirror";
import { signToken, signTokenSymmetrically } from "@/dev/testing/sign";
import { database } from "../../db";
import { schema } from "../schema";

const privateKey = process.env.TEST_PRIVATE_KEY ?? "";
const publicKey = process.env.CLERK_JWT_KEY ?? "";
const url = "https://rollcall.test/api/graphql";

const backendApi = await startBackendApi();
process.env.CLERK_API_URL = backendApi.url;

beforeAll(async () => {
  await listening();
});
afterAll(() => backendApi.close());
beforeEach(() => {
  backendApi.requests.length = 0;
});

type GraphQLResult = {
  status: number;
  data?: Record<string, unknown> | null;
  errors?: { message: string; extensions: { code: string } }[];
};

async function send(init: {
  body: string;
  headers: Record<string, string>;
}): Promise<GraphQLResult> {
  const response = await POST(new Request(url, { method: "POST", ...init }));
  return { status: response.status, ...(await response.json()) };
}

function execute(
  query: string,
  authorization?: string,
  variables: object = {},
): Promise<GraphQLResult> {
  return send({
    body: JSON.stringify({ query, variables }),
    headers: { "content-type": "application/json", ...(authorization && { authorization }) },
  });
}

const bearer = (claims: Record<string, unknown>, header = {}) =>
  `Bearer ${signToken(privateKey, claims, header)}`;

const VIEWER = "{ viewer { id email isAdmin organizationId } }";

/** Returns a cursor that the server never issued, as a client could forge it. */
const cursorOf = (id: string) => Buffer.from(JSON.stringify([1, id])).toString("base64url");

describe("the viewer", () => {
  const id = clerkId("user");
  beforeAll(() => mirrorUser(id));

  test("the viewer is the user of the token", async () => {
    const { status, data } = await execute(VIEWER, bearer({ sub: id }));
    expect(status).toBe(200);
    expect(data?.viewer).toEqual({
      id,
      email: `${id}@example.com`,
      isAdmin: false,
      organizationId: null,
    });
  });

  test("the session cookie identifies the viewer like a bearer token", async () => {
    const headers = {
      "content-type": "application/json",
      cookie: `a=b; __session=${signToken(privateKey, { sub: id })}`,
    };
    const answer = await send({ body: JSON.stringify({ query: VIEWER }), headers });
    expect(answer.data?.viewer).toMatchObject({ id });
  });

  test.each([
    ["no SQL statement for a cached session", "sess_warm", 0],
    ["one SQL statement for a new session", "sess_cold", 1],
  ])("finding the viewer takes %s and no call to Clerk", async (_name, sid, expected) => {
    await execute(VIEWER, bearer({ sub: id, sid: "sess_warm" }));
    await listening();
    let statements = 0;
    const count = () => {
      statements += 1;
    };
    database().pool.on("acquire", count);
    const { status } = await execute("{ viewer { id email } }", bearer({ sub: id, sid }));
    database().pool.off("acquire", count);
    expect([status, statements]).toEqual([200, expected]);
    expect(backendApi.requests).toEqual([]);
  });

  test.each<[string, () => string | undefined]>([
    ["no header", () => undefined],
    ["Bearer null", () => "Bearer null"],
    ["Basic", () => "Basic dXNlcjpwYXNz"],
    ["no scheme", () => signToken(privateKey, { sub: id })],
    ["one part only", () => "Bearer abc"],
    ["alg none", () => `${bearer({ sub: id }, { alg: "none" }).split(".").slice(0, 2).join(".")}.`],
    [
      "HS256 signed with the public key",
      () => `Bearer ${signTokenSymmetrically(publicKey, { sub: id })}`,
    ],
    ["another key", () => `Bearer ${signToken(makeKeys().privateKey, { sub: id })}`],
    ["a truncated signature", () => bearer({ sub: id }).slice(0, -8)],
    [
      "a swapped payload",
      () => {
        const [head, , signature] = bearer({ sub: id }).split(".");
        const payload = signToken(makeKeys().privateKey, { sub: id }).split(".")[1];
        return [head, payload, signature].join(".");
      },
    ],
    ["another azp", () => bearer({ sub: id, azp: "https://evil.test" })],
    ["a foreign issuer", () => bearer({ sub: id, iss: "https://clerk.evil.test" })],
    ["no exp", () => bearer({ sub: id, exp: undefined })],
    ["an exp more than 5 s ago", () => bearer({ sub: id, exp: Date.now() / 1000 - 6 })],
    ["nbf in the future", () => bearer({ sub: id, nbf: Date.now() / 1000 + 60 })],
    ["a pending session", () => bearer({ sub: id, sts: "pending" })],
    ["a subject that is no user", () => bearer({ sub: "mch_1" })],
    ["another typ", () => bearer({ sub: id }, { typ: "at+jwt" })],
  ])(
    "a request with an invalid Authorization header returns 401: %s",
    async (_name, authorization) => {
      const { status, data, errors } = await execute(VIEWER, authorization());
      expect(status).toBe(401);
      expect(data ?? null).toBeNull();
      expect(errors?.map((error) => error.extensions.code)).toEqual(["UNAUTHENTICATED"]);
    },
  );

  test("a token that expired less than 5 s ago (clock skew) is accepted", async () => {
    const { status } = await execute(VIEWER, bearer({ sub: id, exp: Date.now() / 1000 - 3 }));
    expect(status).toBe(200);
  });

  test("a banned or deleted user with a valid token is refused with 401", async () => {
    const [banned, deleted] = [clerkId("user"), clerkId("user")];
    await mirrorUser(banned, { banned: true });
    await mirrorUser(deleted);
    await deliver(event("user.deleted", deletedJson(deleted)));
    expect((await execute(VIEWER, bearer({ sub: banned }))).status).toBe(401);
    expect((await execute(VIEWER, bearer({ sub: deleted }))).status).toBe(401);
    expect(backendApi.requests).toEqual([]);
  });
});

describe("the first call of a user whose webhook has not arrived", () => {
  test("20 parallel first calls of a user who is not mirrored yet make one request to Clerk", async () => {
    const id = clerkId("user");
    backendApi.users.push(userJson({ id, first_name: "Grace" }));
    const query = "{ viewer { id firstName } }";
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => execute(query, bearer({ sub: id }))),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer.data?.viewer)))).toEqual(
      new Set([JSON.stringify({ id, firstName: "Grace" })]),
    );
    expect(backendApi.requests).toEqual([`GET /v1/users/${id}`]);
    expect(await database().prisma.user.count({ where: { id } })).toBe(1);
  });

  test("first-call provisioning writes through the version guard, so a later event wins", async () => {
    const id = clerkId("user");
    backendApi.users.push(userJson({ id, first_name: "Read" }));
    await execute(VIEWER, bearer({ sub: id }));
    await mirrorUser(id, { first_name: "Event" });
    const row = await database().prisma.user.findUnique({ where: { id } });
    expect(row).toMatchObject({ firstName: "Event" });
  });

  test("the first call of a user who does not exist at Clerk is refused with 401", async () => {
    expect((await execute(VIEWER, bearer({ sub: clerkId("user") }))).status).toBe(401);
  });
});

describe("access", () => {
  const [admin, member, stranger] = [clerkId("user"), clerkId("user"), clerkId("user")];
  const organization = clerkId("org");
  beforeAll(async () => {
    await mirrorAdmin(admin);
    await mirrorUser(member);
    await mirrorUser(stranger);
    await mirrorOrganization(organization, { name: "<b>Engines</b>" });
    await mirrorMembership(clerkId("orgmem"), member, organization);
  });

  const MEMBERS =
    "query ($id: ID!) { organization(id: $id) { id name members { totalCount edges { cursor node { id role user { id email } organization { id } } } } } }";

  test("an organization is visible to its members and to platform admins, and null for other viewers", async () => {
    const executeAs = (sub: string) => execute(MEMBERS, bearer({ sub }), { id: organization });
    for (const sub of [admin, member]) {
      expect((await executeAs(sub)).data?.organization).toMatchObject({
        id: organization,
        name: "<b>Engines</b>",
        members: { totalCount: 1, edges: [{ node: { role: "org:member", user: { id: member } } }] },
      });
    }
    expect(await executeAs(stranger)).toEqual({ status: 200, data: { organization: null } });
  });

  test("a non-member gets the same response for an organization as for an unknown id, and no other field of the schema returns the organization", async () => {
    const [foreign, colleague] = [clerkId("org"), clerkId("user")];
    await mirrorUser(colleague);
    await mirrorOrganization(foreign, { name: "Elsewhere Ltd", slug: "elsewhere" });
    await mirrorMembership(clerkId("orgmem"), colleague, foreign);
    const shared = clerkId("orgmem");
    await mirrorMembership(shared, colleague, organization);
    const asMember = (query: string) => execute(query, bearer({ sub: member }));
    const byId = (id: string) =>
      asMember(`{ organization(id: "${id}") { id name slug members { totalCount } } }`);
    let statements = 0;
    const count = () => {
      statements += 1;
    };
    await caughtUp();
    await asMember("{ viewer { id } }");
    database().pool.on("acquire", count);
    expect(await byId(foreign)).toEqual(await byId(clerkId("org")));
    database().pool.off("acquire", count);
    // The resolver refuses before any SQL. Row level security would also hide the row.
    expect(statements).toBe(0);
    // The schema has no field that finds an organization by its slug or by a global node id.
    for (const field of [
      `organization(slug: "elsewhere") { id }`,
      `node(id: "${foreign}") { id }`,
    ]) {
      expect((await asMember(`{ ${field} }`)).status).toBe(400);
    }
    const edges =
      "members { edges { node { user { id memberships { organization { name } } } } } }";
    const nested = await asMember(`{ organization(id: "${organization}") { ${edges} } }`);
    expect(nested.errors?.map((error) => error.extensions.code)).toContain("FORBIDDEN");
    expect(JSON.stringify(nested)).toContain(colleague);
    expect(JSON.stringify(nested)).not.toContain("Elsewhere");
    await deliver(event("organizationMembership.deleted", deletedJson(shared)));
  });

  test("a former member gets FORBIDDEN if the token still names the organization, and null if the token names none", async () => {
    const [sub, left] = [clerkId("user"), clerkId("orgmem")];
    await mirrorUser(sub);
    await mirrorMembership(left, sub, organization);
    await caughtUp();
    const named = bearer({ sub, o: { id: organization, rol: "member" } });
    const query = `{ organization(id: "${organization}") { id members { totalCount } } }`;
    expect(await execute(query, named)).toMatchObject({ status: 200, data: { organization: {} } });
    await deliver(event("organizationMembership.deleted", deletedJson(left)));
    await expect
      .poll(() => execute(query, named), { timeout: 2_000, interval: 10 })
      .toMatchObject({
        status: 403,
        data: { organization: null },
        errors: [{ extensions: { code: "FORBIDDEN" } }],
      });
    expect(await execute(query, bearer({ sub }))).toEqual({
      status: 200,
      data: { organization: null },
    });
    // The organization of this membership is still a stub row, because its own event has not arrived. The query returns null, not
    // FORBIDDEN.
    const late = clerkId("org");
    await mirrorMembership(clerkId("orgmem"), sub, late);
    await caughtUp();
    expect(
      await execute(`{ organization(id: "${late}") { id } }`, bearer({ sub, o: { id: late } })),
    ).toEqual({ status: 200, data: { organization: null } });
    // The session itself stays valid, without an active organization.
    expect(await execute(VIEWER, named)).toMatchObject({
      status: 200,
      data: { viewer: { organizationId: null } },
    });
  });

  test("neither unsafe metadata nor a token claim makes a user a platform admin", async () => {
    const self = clerkId("user");
    const metadata = { role: "admin" };
    await mirrorUser(self, { unsafe_metadata: metadata });
    const claims = {
      sub: self,
      metadata,
      public_metadata: metadata,
      role: "admin",
      o: { rol: "admin", id: organization },
    };
    const { status, errors } = await execute("{ users { totalCount } }", bearer(claims));
    expect([status, errors?.[0]?.extensions.code]).toEqual([403, "FORBIDDEN"]);
  });

  test("the active organization is the one in the token, if the mirror has the membership", async () => {
    const claims = (sub: string) => bearer({ sub, o: { id: organization, rol: "member" } });
    expect((await execute(VIEWER, claims(member))).data?.viewer).toMatchObject({
      organizationId: organization,
    });
    expect((await execute(VIEWER, claims(stranger))).data?.viewer).toMatchObject({
      organizationId: null,
    });
  });

  test.each([
    "{ users { totalCount } }",
    "{ organizations { totalCount } }",
    '{ user(id: "x") { id } }',
  ])("the query %s returns data to a platform admin and FORBIDDEN to a member", async (query) => {
    const asMember = await execute(query, bearer({ sub: member }));
    expect([asMember.status, asMember.errors?.[0]?.extensions.code]).toEqual([403, "FORBIDDEN"]);
    const asAdmin = await execute(query, bearer({ sub: admin }));
    expect([asAdmin.status, asAdmin.errors]).toEqual([200, undefined]);
  });

  test("every query of the schema except the public queries is refused without a token", async () => {
    const isPublic = (name: string) =>
      ["countries", "country", "erasureReceipt", "invitationGreeting", "profile"].includes(name);
    const all = Object.values(schema.getQueryType()?.getFields() ?? {});
    const fields = all.filter(({ name }) => !isPublic(name));
    expect(fields.length).toBeGreaterThan(4);
    for (const field of fields) {
      const required = field.args.filter(isRequiredArgument).map(({ name, type }) => {
        const named = getNamedType(type);
        const text = named.name === "DateTime" ? "2026-11-28T10:00:00Z" : organization;
        const value = isEnumType(named) ? named.getValues()[0]?.name : `"${text}"`;
        return `${name}: ${value}`;
      });
      const args = required.length > 0 ? `(${required.join(", ")})` : "";
      const selection = isLeafType(getNamedType(field.type)) ? "" : "{ __typename }";
      const { status, errors } = await execute(`{ ${field.name}${args} ${selection} }`);
      expect([field.name, status, errors?.[0]?.extensions.code]).toEqual([
        field.name,
        401,
        "UNAUTHENTICATED",
      ]);
    }
  });

  test("pages list every user once, newest first, even if the row of a cursor is deleted between two pages", async () => {
    // These users are the newest, so the user that is deleted between the pages belongs to no other test.
    for (const created_at of [1_799_000_000_002, 1_799_000_000_001]) {
      await mirrorUser(clerkId("user"), { created_at });
    }
    const seen: string[] = [];
    let after: unknown = null;
    do {
      const { data } = await execute(
        "query ($after: String) { users(first: 2, after: $after) { edges { node { id } } pageInfo { hasNextPage endCursor } totalCount } }",
        bearer({ sub: admin }),
        { after },
      );
      const page = JSON.parse(JSON.stringify(data?.users));
      seen.push(...page.edges.map((edge: { node: { id: string } }) => edge.node.id));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
      const last = seen.at(-1) ?? "";
      if (seen.length === 2) await deliver(event("user.deleted", deletedJson(last)));
    } while (after);
    const { data } = await execute("{ users { totalCount } }", bearer({ sub: admin }));
    expect(new Set(seen).size).toBe(seen.length);
    expect(data?.users).toEqual({ totalCount: seen.length - 1 });
  });

  test.each([
    "(first: 99999999)",
    "(first: -1)",
    '(after: "forged")',
    '(after: "WzllMTUsInVzZXJfMSJd")',
    `(after: "${cursorOf("user_\u0000")}")`,
    `(before: "${cursorOf("user_\ud800")}")`,
  ])("the query users%s is refused with BAD_USER_INPUT", async (args) => {
    const { status, errors } = await execute(
      `{ users${args} { totalCount } }`,
      bearer({ sub: admin }),
    );
    expect([status, errors?.[0]?.extensions.code]).toEqual([400, "BAD_USER_INPUT"]);
  });

  test.each(["user_\u0000", "user_\ud800"])(
    "the id %j, which Postgres cannot store, matches no row",
    async (id) => {
      const asAdmin = (query: string) => execute(query, bearer({ sub: admin }), { id });
      for (const field of ["user", "organization"]) {
        expect(await asAdmin(`query ($id: ID!) { ${field}(id: $id) { id } }`)).toEqual({
          status: 200,
          data: { [field]: null },
        });
      }
      const retried = await asAdmin("mutation ($id: ID!) { retryProvisioning(userId: $id) }");
      expect(retried.errors?.[0]).toMatchObject({
        message: "There is no failed provisioning for this user id.",
        extensions: { code: "BAD_USER_INPUT" },
      });
    },
  );

  test("a response in which some fields are refused has status 200, the other data, and an error for each refused field", async () => {
    const query = `{ viewer { id } user(id: "${admin}") { id } }`;
    expect(await execute(query, bearer({ sub: member }))).toMatchObject({
      status: 200,
      data: { viewer: { id: member }, user: null },
      errors: [{ path: ["user"], extensions: { code: "FORBIDDEN" } }],
    });
  });

  test("a mutation in a session that impersonates an admin is refused, and the message names impersonation as the reason", async () => {
    const authorization = bearer({ sub: admin, act: { sub: "user_support" } });
    const { errors } = await execute('mutation { retryProvisioning(userId: "x") }', authorization);
    expect(errors?.map(({ message }) => message)).toEqual([
      "This is not possible while impersonating an admin. Sign in as yourself.",
    ]);
  });
});

describe("search", () => {
  const admin = clerkId("user");
  beforeAll(async () => {
    await mirrorAdmin(admin);
    await mirrorUser(clerkId("user"), { first_name: "Per%cent", last_name: "Under_score" });
  });

  test.each([
    ["per%C under_", 1],
    ["%", 1],
    ["u_d", 0],
    ["\u0000", undefined],
    ["\ud800", 0],
    ["a ".repeat(7) + "b".repeat(186), 0],
  ])("the search %j finds the rows that contain it literally", async (words, count) => {
    const query = "query ($words: String) { users(query: $words) { totalCount } }";
    const { status, data } = await execute(query, bearer({ sub: admin }), { words });
    expect([status, data?.users]).toEqual([200, { totalCount: count ?? expect.any(Number) }]);
  });

  test.each([
    ["9 words", "a ".repeat(9)],
    ["201 characters", "a".repeat(201)],
  ])("a search for %s is refused by every field that has a search", async (_name, words) => {
    const [member, organization] = [clerkId("user"), clerkId("org")];
    await mirrorUser(member);
    await mirrorOrganization(organization);
    await mirrorMembership(clerkId("orgmem"), member, organization);
    await caughtUp();
    const search = async (sub: string, field: string) => {
      const query = `query ($words: String) { ${field} }`;
      const { status, errors } = await execute(query, bearer({ sub }), { words });
      return [status, errors?.[0]?.extensions.code, errors?.[0]?.message];
    };
    const refused = [
      400,
      "BAD_USER_INPUT",
      "Search for at most 8 words with 200 characters in total.",
    ];
    for (const field of ["users", "organizations"]) {
      expect(await search(admin, `${field}(query: $words) { totalCount }`)).toEqual(refused);
    }
    const members = `organization(id: "${organization}") { members(query: $words) { totalCount } }`;
    expect(await search(member, members)).toEqual(refused);
  });
});

describe("a request that is not a valid operation", () => {
  const as = (type: string) => ({ "content-type": type });
  const json = as("application/json");
  const operation = '{"query":"{__typename}"}';

  test.each<[string, number, { body: string; headers: Record<string, string> }]>([
    ["malformed JSON", 400, { body: "{", headers: json }],
    ["an empty body", 400, { body: "", headers: json }],
    ["10 MB", 413, { body: "x".repeat(10 * 1024 * 1024), headers: json }],
    ["a batch", 400, { body: `[${operation}]`, headers: json }],
    [
      "a form",
      400,
      { body: "query={__typename}", headers: as("application/x-www-form-urlencoded") },
    ],
    ["a multipart form", 400, { body: operation, headers: as("multipart/form-data; boundary=x") }],
    ["plain text", 400, { body: operation, headers: as("text/plain") }],
    ["no media type", 400, { body: operation, headers: as("") }],
    ["another media type", 415, { body: operation, headers: as("application/graphql") }],
  ])("a request with %s returns status %i", async (_name, status, init) => {
    expect((await send(init)).status).toBe(status);
  });

  test('a request with the content type "application/json; charset=utf-8" is accepted', async () => {
    const headers = as("application/json; charset=utf-8");
    const answer = await send({ body: operation, headers });
    expect(answer).toEqual({ status: 200, data: { __typename: "Query" } });
  });

  test.each([
    ["apollo-require-preflight", "1"],
    ["content-type", "application/json"],
  ])(
    "a GET request that needs a CORS preflight because of the header %s is executed",
    async (name, value) => {
      const response = await GET(
        new Request(`${url}?query={__typename}`, { headers: { [name]: value } }),
      );
      expect(await response.json()).toEqual({ data: { __typename: "Query" } });
    },
  );

  test("a GET request that needs no CORS preflight is refused with 400", async () => {
    const response = await GET(new Request(`${url}?query={__typename}`));
    expect(response.status).toBe(400);
  });
});
