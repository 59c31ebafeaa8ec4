// Lists of the Backend API: filters, order and paging.

import { expect } from "vitest";
import { kofi, northwind } from "../testing/seeded";
import type { Site } from "../testing/site";
import { sharedTest as test } from "../testing/test";

test.beforeAll(async ({ site }) => {
  const { organizations, phoneNumbers, users } = site.backend;
  await users.updateUser(kofi.id, { username: "kofi", externalId: "crm-7" });
  await phoneNumbers.createPhoneNumber({ userId: kofi.id, phoneNumber: "+447700900177" });
  const membership = { organizationId: northwind.id, userId: kofi.id, role: "org:member" };
  await organizations.createOrganizationMembership(membership);
});

const count = async (site: Site, query: string) =>
  (await site.callBackend("GET", `/users/count?${query}`)).body.total_count;
const members = async (site: Site, query: string) => {
  const { body } = await site.callBackend(
    "GET",
    `/organizations/${northwind.id}/memberships?${query}`,
  );
  return body.data.map((each: Membership) => each.public_user_data.first_name);
};
type Membership = { public_user_data: { first_name: string } };

test("the user list can be filtered by every field, and a minus before a value excludes it", async ({
  site,
  backend,
}) => {
  expect(await count(site, `user_id=-${kofi.id}`)).toBe(6);
  expect(await count(site, `organization_id=${northwind.id}`)).toBe(4);
  expect(await count(site, "email_address=kofi.mensah@example.com")).toBe(1);
  expect(await count(site, "email_address_query=DEMIR")).toBe(1);
  expect(await count(site, "phone_number=%2B447700900177")).toBe(1);
  expect(await count(site, "phone_number_query=00177")).toBe(1);
  expect(await count(site, "username=kofi")).toBe(1);
  expect(await count(site, "username_query=KOF")).toBe(1);
  expect(await count(site, "external_id=crm-7")).toBe(1);
  expect(await count(site, "name_query=mei-lin+chen")).toBe(1);
  expect(await count(site, "query=crm-7")).toBe(1);
  expect(await count(site, "last_active_at_since=1")).toBe(0);
  expect(await count(site, "last_sign_in_at_after=1")).toBe(0);
  expect(await count(site, "banned=true")).toBe(0);
  expect(await count(site, "provider=oauth_google")).toBe(0);
  const { createdAt } = await backend.users.getUser(kofi.id);
  expect(await count(site, `created_at_after=${createdAt - 1}`)).toBe(1);
  expect(await count(site, `created_at_before=${createdAt}`)).toBe(6);
});

test("the member list can be filtered by the fields of the user and by role", async ({
  site,
  backend,
}) => {
  expect(await members(site, "role=org:admin")).toEqual(["Amara"]);
  expect(await members(site, `user_id=+${kofi.id}`)).toEqual(["Kofi"]);
  for (const query of [
    "email_address=kofi.mensah@example.com",
    "email_address_query=KOFI.",
    "phone_number=%2B447700900177",
    "phone_number_query=00177",
    "username=kofi",
    "username_query=KOF",
    "name_query=kofi+mensah",
    "query=mensah",
  ]) {
    expect([query, await members(site, query)]).toEqual([query, ["Kofi"]]);
  }
  const { createdAt } = await backend.users.getUser(kofi.id);
  expect(await members(site, `created_at_after=${createdAt - 1}`)).toEqual(["Kofi"]);
  expect(await members(site, "last_active_at_after=1")).toEqual([]);
});

test("order_by sorts ascending by a field, and descending with a minus before the field", async ({
  site,
}) => {
  const first = async (orderBy: string) =>
    (await site.callBackend("GET", `/users?order_by=${encodeURIComponent(orderBy)}&limit=1`))
      .body[0].first_name;
  expect(await first("created_at")).toBe("Inês");
  expect(await first("-created_at")).toBe("Kofi");
  expect(await first("+email_address")).toBe("Amara");
  expect(await first("-email_address")).toBe("Yusuf");
  expect(await first("last_name")).toBe("Mei-Lin");
  expect(await first("-last_name")).toBe("Tomasz");
  expect(await first("-username")).toBe("Kofi");
  expect(await first("-phone_number")).toBe("Kofi");
  expect(await first("-updated_at")).toBe("Kofi");
  expect(await members(site, "order_by=first_name")).toEqual([
    "Amara",
    "Kofi",
    "Mei-Lin",
    "Tomasz",
  ]);
  expect(await members(site, "order_by=-phone_number&limit=1")).toEqual(["Kofi"]);
  expect(await members(site, "order_by=-created_at&limit=1")).toEqual(["Kofi"]);
  const names = async (orderBy: string) =>
    (await site.callBackend("GET", `/organizations?order_by=${orderBy}`)).body.data.map(
      (each: { name: string }) => each.name,
    );
  expect(await names("name")).toEqual(["Harbour Cycling Club", "Northwind Press"]);
  expect(await names("-members_count")).toEqual(["Northwind Press", "Harbour Cycling Club"]);
});

test("an unknown order_by is refused, even if it ends with the name of a field", async ({
  site,
}) => {
  for (const path of [
    "/users",
    "/organizations",
    "/organization_memberships",
    `/organizations/${northwind.id}/memberships`,
  ]) {
    expect(await site.callBackend("GET", `${path}?order_by=nonsense_created_at`)).toMatchObject({
      status: 422,
    });
  }
});

test("the pages of a list contain every entry once, and each page has the total count", async ({
  site,
}) => {
  for (const [path, all] of [
    ["/users?order_by=first_name", 7],
    ["/users?", 7],
    ["/organization_memberships?", 7],
    [`/organizations/${northwind.id}/memberships?`, 4],
    ["/organizations?", 2],
  ] as const) {
    const ids: string[] = [];
    for (let offset = 0; offset < all + 3; offset += 3) {
      const { body } = await site.callBackend("GET", `${path}&limit=3&offset=${offset}`);
      if (!Array.isArray(body)) expect(body.total_count).toBe(all);
      ids.push(...(body.data ?? body).map((each: { id: string }) => each.id));
    }
    expect([path, ids.length, new Set(ids).size]).toEqual([path, all, all]);
  }
});

test("organizations are found by part of their name, by id and by member, with a member count on request", async ({
  backend,
}) => {
  const { organizations } = backend;
  const found = async (wanted: object) =>
    (await organizations.getOrganizationList(wanted)).data.map(({ slug }) => slug);
  expect(await found({ query: "CYCLING" })).toEqual(["harbour-cycling-club"]);
  expect(await found({ organizationId: [northwind.id] })).toEqual(["northwind-press"]);
  expect(await found({ userId: [kofi.id] })).toEqual(["northwind-press"]);
  const counted = await organizations.getOrganizationList({ includeMembersCount: true });
  expect(counted.data.map(({ membersCount }) => membersCount).sort()).toEqual([3, 4]);
});

test("in filters of organizations, a plus before a value includes it and a minus excludes it", async ({
  site,
}) => {
  const slugs = async (query: string) =>
    (await site.callBackend("GET", `/organizations?${query}`)).body.data.map(
      ({ slug }: { slug: string }) => slug,
    );
  const [cycling, press] = ["harbour-cycling-club", "northwind-press"];
  expect(await slugs(`organization_id=%2B${northwind.id}`)).toEqual([press]);
  expect(await slugs(`organization_id=-${northwind.id}`)).toEqual([cycling]);
  expect(await slugs(`user_id=%2B${kofi.id}`)).toEqual([press]);
  expect(await slugs(`user_id=-${kofi.id}`)).toEqual([cycling]);
});

test("domains can be found by organization id, and waitlist entries by entry id", async ({
  site,
  backend,
}) => {
  const name = "northwind.example";
  await backend.organizations.createOrganizationDomain({
    organizationId: northwind.id,
    name,
    enrollmentMode: "manual_invitation",
  });
  const domains = (await site.callBackend("GET", `/organization_domains?query=${northwind.id}`))
    .body;
  expect(domains.data.map((each: { name: string }) => each.name)).toEqual([name]);
  const entry = await backend.waitlistEntries.create({ emailAddress: "listed@example.com" });
  for (const query of [entry.id, entry.id.toUpperCase(), "LISTED@"]) {
    expect((await backend.waitlistEntries.list({ query })).totalCount).toBe(1);
  }
});

test("starting_after pages users in order of creation, and is refused with any other order", async ({
  site,
}) => {
  for (const order of ["", "&order_by=created_at", "&query=example.com"]) {
    const all = (await site.callBackend("GET", `/users?limit=10${order}`)).body.map(
      ({ id }: { id: string }) => id,
    );
    const paged: string[] = [];
    for (let after = ""; paged.length < all.length; after = `&starting_after=${paged.at(-1)}`) {
      const { body } = await site.callBackend("GET", `/users?limit=3${order}${after}`);
      paged.push(...body.map(({ id }: { id: string }) => id));
    }
    expect(paged).toEqual(all);
    expect(
      (await site.callBackend("GET", `/users?starting_after=${all.at(-1)}${order}`)).body,
    ).toEqual([]);
  }
  for (const query of ["&order_by=first_name", "&offset=1"]) {
    expect(await site.callBackend("GET", `/users?starting_after=${kofi.id}${query}`)).toMatchObject(
      { status: 422 },
    );
  }
  expect(await site.callBackend("GET", "/users?starting_after=user_none")).toMatchObject({
    status: 404,
  });
});

test.for([
  "/users",
  "/users/count",
  `/users/${kofi.id}/organization_memberships`,
  `/users/${kofi.id}/oauth_access_tokens/google`,
  "/organizations",
  "/organization_memberships",
  "/organization_domains",
  "/organization_invitations",
  "/organization_roles",
  "/domains",
  "/invitations",
  "/waitlist_entries",
  "/allowlist_identifiers",
  "/jwt_templates",
  "/redirect_urls",
  `/sessions?user_id=${kofi.id}`,
])("GET %s with an unknown filter returns 501", async (path, { site }) => {
  const { status, body } = await site.callBackend(
    "GET",
    `${path}${path.includes("?") ? "&" : "?"}colour=red`,
  );
  expect([status, body.errors[0].code]).toEqual([501, "not_implemented_locally"]);
});
