import { beforeAll, expect, test } from "vitest";
import { clerkId, emailJson, event, membershipJson } from "@/dev/testing/clerk-payloads";
import { askGraphQL } from "@/dev/testing/graphql";
import { caughtUp, listening } from "@/dev/testing/listening";
import { deliver, mirrorAdmin, mirrorOrganization, mirrorUser } from "@/dev/testing/mirror";

const [ada, colleague, admin, org] = [
  clerkId("user"),
  clerkId("user"),
  clerkId("user"),
  clerkId("org"),
];
const phone = (id: string, phone_number: string) => ({
  id,
  phone_number,
  verification: { status: "verified" },
});

beforeAll(async () => {
  await listening();
  await mirrorOrganization(org, { public_metadata: { plan: "pro" }, max_allowed_memberships: 5 });
  await mirrorUser(ada, {
    external_id: "customer-7",
    email_addresses: [
      emailJson("idn_1", "ada@example.com"),
      { ...emailJson("idn_2", "Second.Ada@Work.example"), verification: null },
    ],
    phone_numbers: [phone("idn_3", "+15550100"), { id: "idn_4", phone_number: null }],
    external_accounts: [{ id: "eac_1", provider: "oauth_google", email_address: "ada@gmail.test" }],
    public_metadata: { plan: "pro", list: [1, null] },
    password_enabled: true,
    create_organizations_limit: 3,
    locale: "de-DE",
  });
  await mirrorUser(colleague);
  await mirrorAdmin(admin);
  for (const userId of [ada, colleague]) {
    const json = membershipJson({ id: clerkId("orgmem"), userId, organizationId: org });
    const more = { permissions: ["org:read"], role_name: "Member", public_metadata: { seat: 1 } };
    await deliver(event("organizationMembership.created", { ...json, ...more }));
  }
  await caughtUp();
});

const ask = (sub: string, query: string) => askGraphQL({ sub, o: { id: org } }, query);

const own = `externalId isEmailVerified passwordEnabled createOrganizationsLimit hasPasskey publicMetadata
  emailAddresses { emailAddress isVerified } phoneNumbers { phoneNumber isVerified }
  externalAccounts { provider emailAddress isVerified }`;

test.each([
  ["the user", ada],
  ["a platform admin", admin],
])("%s reads the user's addresses, metadata and settings", async (_name, viewer) => {
  const { data, errors } = await ask(viewer, `{ user(id: "${ada}") { ${own} } }`);
  expect(errors).toBeUndefined();
  expect(data.user).toEqual({
    externalId: "customer-7",
    isEmailVerified: true,
    passwordEnabled: true,
    createOrganizationsLimit: 3,
    hasPasskey: null,
    publicMetadata: { plan: "pro", list: [1, null] },
    emailAddresses: [
      { emailAddress: "ada@example.com", isVerified: true },
      { emailAddress: "Second.Ada@Work.example", isVerified: false },
    ],
    phoneNumbers: [{ phoneNumber: "+15550100", isVerified: true }],
    externalAccounts: [
      { provider: "oauth_google", emailAddress: "ada@gmail.test", isVerified: false },
    ],
  });
});

const privateFields = [
  ...["externalId", "isEmailVerified", "phoneNumber", "publicMetadata", "unsafeMetadata"],
  ...["passwordEnabled", "lastActiveAt", "legalAcceptedAt", "createOrganizationsLimit"],
  ...["emailAddresses { emailAddress }", "phoneNumbers { phoneNumber }"],
  "externalAccounts { provider }",
];

test.each(privateFields)(
  "a member can read their own %s, and not that of another member",
  async (field) => {
    const members = `{ organization(id: "${org}") { members { edges { node { user { id ${field} } } } } } }`;
    const { data, errors } = await ask(colleague, members);
    const name = field.split(" ")[0] ?? "";
    const others = JSON.stringify(data ?? {});
    expect(others).not.toMatch(/customer-7|ada@example|5550100|gmail/);
    expect(errors[0]).toMatchObject({ extensions: { code: "FORBIDDEN" } });
    expect(errors[0].path).toContain(name);
    const self = await ask(colleague, `{ user(id: "${colleague}") { ${field} } }`);
    expect(self.errors).toBeUndefined();
  },
);

test("a member can read the metadata of the organization and of their own membership, and not of other memberships", async () => {
  const organization = `{ organization(id: "${org}") { publicMetadata maxAllowedMemberships } }`;
  expect((await ask(colleague, organization)).data.organization).toEqual({
    publicMetadata: { plan: "pro" },
    maxAllowedMemberships: 5,
  });
  const mine = "{ viewer { memberships { roleName permissions publicMetadata } } }";
  expect((await ask(colleague, mine)).data.viewer.memberships).toEqual([
    { roleName: "Member", permissions: ["org:read"], publicMetadata: { seat: 1 } },
  ]);
  const all = `{ organization(id: "${org}") { members { edges { node { publicMetadata } } } } }`;
  expect((await ask(colleague, all)).errors[0].extensions.code).toBe("FORBIDDEN");
});

test("the type User has no field for private metadata or for attributes without a column", async () => {
  for (const field of ["privateMetadata", "otherAttributes"]) {
    const { errors } = await ask(admin, `{ user(id: "${ada}") { ${field} } }`);
    expect(errors[0].message).toContain(`Cannot query field "${field}"`);
  }
});

test.each([
  "second.ada@work.example",
  "SECOND.ADA",
  "+15550100",
  "5550100",
  "ada@gmail.test",
  "customer-7",
])("a platform admin's search for %s finds the user", async (query) => {
  const { data } = await ask(admin, `{ users(query: "${query}") { edges { node { id } } } }`);
  expect(data.users.edges).toEqual([{ node: { id: ada } }]);
});
