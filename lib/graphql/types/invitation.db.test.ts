import { beforeAll, describe, expect, test } from "vitest";
import {
  clerkId,
  deletedJson,
  emailJson,
  event,
  membershipJson,
} from "@/dev/testing/clerk-payloads";
import { askGraphQL } from "@/dev/testing/graphql";
import { caughtUp, listening } from "@/dev/testing/listening";
import { deliver, mirrorAdmin, mirrorOrganization, mirrorUser } from "@/dev/testing/mirror";
import { database } from "../../db";

const boss = clerkId("user");
const member = clerkId("user");
const eve = clerkId("user");
const stranger = clerkId("user");
const platformAdmin = clerkId("user");
const [org, other] = [clerkId("org"), clerkId("org")];
const tomorrow = Date.now() + 86_400_000;

const invite = (id: string, email_address: string, fields: object = {}) =>
  deliver(
    event("organizationInvitation.created", {
      ...{ id, organization_id: org, email_address, role: "org:editor", role_name: "Editor" },
      ...{ status: "pending", inviter_id: boss, expires_at: tomorrow },
      ...{ public_metadata: { desk: 7 }, private_metadata: { salary: "secret" } },
      ...{ url: "https://x.test/ticket", created_at: 1_790_000_000_000 },
      updated_at: 1_790_000_000_000,
      ...fields,
    }),
  );

beforeAll(async () => {
  await listening();
  for (const id of [boss, member, stranger]) await mirrorUser(id);
  await mirrorUser(eve, {
    email_addresses: [
      emailJson("idn_1", "Eve@Example.com"),
      emailJson("idn_2", "eve@work.example"),
      { ...emailJson("idn_3", "victim@example.com"), verification: { status: "unverified" } },
    ],
  });
  await mirrorAdmin(platformAdmin);
  for (const id of [org, other]) await mirrorOrganization(id);
  const join = (userId: string, organizationId: string, role: string) => {
    const json = membershipJson({ id: clerkId("orgmem"), userId, organizationId, role });
    return deliver(event("organizationMembership.created", json));
  };
  await join(boss, org, "org:admin");
  await join(member, org, "org:member");
  await join(stranger, other, "org:admin");
  await invite("orginv_eve", "eve@example.com");
  await invite("orginv_work", "EVE@WORK.EXAMPLE", { inviter_id: null });
  await invite("orginv_victim", "victim@example.com");
  await invite("orginv_late", "eve@example.com", { expires_at: 1_000_000_000_000 });
  await invite("orginv_accepted", "eve@example.com", { status: "accepted", user_id: eve });
  await invite("orginv_gone", "eve@example.com");
  await deliver(event("organizationInvitation.revoked", deletedJson("orginv_none")));
  await database().pool.query("UPDATE invitations SET deleted = true WHERE id = 'orginv_gone'");
  await caughtUp();
});

const ask = (sub: string, query: string) => askGraphQL({ sub }, query);

const fields = `id email role roleName status expiresAt publicMetadata organizationId
  organizationName inviterId inviterName`;
const ofOrganization = (text: string) =>
  `{ invitations(organizationId: "${org}", query: "eve@example") { ${text} } }`;
const nodesOf = (connection: { edges: { node: { id: string } }[] }) =>
  connection.edges.map(({ node }) => node);

test.each([
  ["an admin of the organization", boss],
  ["a platform admin", platformAdmin],
])("%s reads the invitations of the organization", async (_name, viewer) => {
  const query = ofOrganization(`totalCount edges { node { ${fields} } }`);
  const { data, errors } = await ask(viewer, query);
  expect(errors).toBeUndefined();
  const { invitations } = data;
  expect(
    nodesOf(invitations)
      .map(({ id }) => id)
      .sort(),
  ).toEqual([...["orginv_accepted", "orginv_eve", "orginv_late"]]);
  expect(nodesOf(invitations).find(({ id }) => id === "orginv_eve")).toEqual({
    ...{ id: "orginv_eve", email: "eve@example.com", role: "org:editor", roleName: "Editor" },
    ...{ status: "PENDING", expiresAt: new Date(tomorrow).toISOString(), organizationId: org },
    publicMetadata: { desk: 7 },
    organizationName: "Analytical Engines",
    ...{ inviterId: boss, inviterName: "Ada Lovelace" },
  });
});

test.each([
  ["a member who is no admin", member],
  ["an admin of another organization", stranger],
  ["the invited user", eve],
])("%s reads no invitations of the organization", async (_name, viewer) => {
  for (const query of [
    ofOrganization("edges { node { id } }"),
    "{ invitations { edges { node { id } } } }",
  ]) {
    const { data, errors } = await ask(viewer, query);
    expect(data?.invitations).toBeUndefined();
    expect(errors[0].extensions.code).toBe("FORBIDDEN");
  }
});

test("an admin of an organization reads no invitation of another organization", async () => {
  await invite("orginv_other", "someone@example.com", { organization_id: other });
  const { data, errors } = await ask(
    boss,
    `{ invitations(organizationId: "${other}") { totalCount } }`,
  );
  expect([data?.invitations, errors[0].extensions.code]).toEqual([undefined, "FORBIDDEN"]);
  const own = await ask(
    boss,
    `{ invitations(organizationId: "${org}") { edges { node { id } } } }`,
  );
  expect(JSON.stringify(own.data)).not.toContain("orginv_other");
});

describe("viewer.invitations", () => {
  test("the invited user reads pending invitations to their verified addresses", async () => {
    const { data, errors } = await ask(eve, `{ viewer { invitations { ${fields} } } }`);
    expect(errors).toBeUndefined();
    const found: { id: string }[] = data.viewer.invitations;
    expect(found.map(({ id }) => id).sort()).toEqual(["orginv_eve", "orginv_work"]);
    expect(found.find(({ id }) => id === "orginv_eve")).toMatchObject({
      ...{ roleName: "Editor", publicMetadata: { desk: 7 }, organizationId: org },
      // The invited user is no member yet, and can read the organization and the inviter only through the invitation.
      ...{ organizationName: "Analytical Engines", inviterName: "Ada Lovelace" },
    });
  });

  test("viewer.invitations is empty for another member and for a user without memberships", async () => {
    for (const viewer of [member, stranger]) {
      const { data } = await ask(viewer, "{ viewer { invitations { id } } }");
      expect(data.viewer.invitations).toEqual([]);
    }
  });
});

describe("invitationGreeting", () => {
  const ticketOf = (claims: object) =>
    ["{}", JSON.stringify(claims), ""]
      .map((part) => Buffer.from(part).toString("base64url"))
      .join(".");
  const st = "organization_invitation";
  const greet = async (ticket: string) => {
    const query = `{ invitationGreeting(ticket: "${ticket}") { organizationName inviterName } }`;
    const { data, errors } = await ask(stranger, query);
    expect(errors).toBeUndefined();
    return data.invitationGreeting;
  };

  test("invitationGreeting returns the organization and the inviter for the ticket of a pending invitation", async () => {
    expect(await greet(ticketOf({ st, sid: "orginv_eve", oid: org }))).toEqual({
      organizationName: "Analytical Engines",
      inviterName: "Ada Lovelace",
    });
    expect(await greet(ticketOf({ st, sid: "orginv_work", oid: org }))).toMatchObject({
      inviterName: null,
    });
  });

  test.each([
    ["of an answered invitation", ticketOf({ st, sid: "orginv_accepted", oid: org })],
    ["of an expired invitation", ticketOf({ st, sid: "orginv_late", oid: org })],
    ["of a deleted invitation", ticketOf({ st, sid: "orginv_gone", oid: org })],
    ["with another organization", ticketOf({ st, sid: "orginv_eve", oid: other })],
    ["of another kind", ticketOf({ st: "sign_in_token", sid: "orginv_eve", oid: org })],
    ["with a character that no row has", ticketOf({ st, sid: "orginv_\0", oid: org })],
    ["that is no token", "abc"],
    ["that is no JSON", "a.a.a"],
  ])("invitationGreeting returns null for a ticket %s", async (_name, ticket) => {
    expect(await greet(ticket)).toBeNull();
  });
});

test("the type Invitation has no field for the private metadata, the URL or other attributes", async () => {
  for (const field of ["privateMetadata", "url", "otherAttributes"]) {
    const { errors } = await ask(platformAdmin, `{ invitations { edges { node { ${field} } } } }`);
    expect(errors[0].message).toContain(`Cannot query field "${field}"`);
  }
});

test("a page of invitations reads all inviters with one query and all organizations with one query", async () => {
  let statements = 0;
  const count = () => {
    statements += 1;
  };
  database().pool.on("acquire", count);
  await ask(platformAdmin, `{ invitations { edges { node { ${fields} } } } }`);
  database().pool.off("acquire", count);
  expect(statements).toBeLessThanOrEqual(3);
});
