/** Events to start a test from. Each is what Clerk sends, with the attributes that Rollcall needs. */
const at = 1_790_000_000_000;

const user = (fields: object) => ({
  ...{ id: "user_sample", object: "user", username: null },
  ...{ first_name: "Sample", last_name: "Person", image_url: "" },
  primary_email_address_id: "idn_sample",
  email_addresses: [
    {
      ...{ id: "idn_sample", object: "email_address", email_address: "sample@example.com" },
      verification: { status: "verified", strategy: "email_code" },
    },
  ],
  ...{ phone_numbers: [], external_accounts: [], public_metadata: {}, unsafe_metadata: {} },
  ...{ banned: false, locked: false, created_at: at, updated_at: at },
  ...fields,
});

const organization = {
  ...{ id: "org_sample", object: "organization", name: "Sample Organization" },
  ...{ slug: "sample-organization", image_url: "", created_by: "user_sample" },
  ...{ public_metadata: {}, created_at: at, updated_at: at },
};

const publicUser = { user_id: "user_sample", identifier: "sample@example.com" };

export const sampleEvents: { type: string; data: (now: number) => object }[] = [
  { type: "user.created", data: (now) => user({ created_at: now, updated_at: now }) },
  { type: "user.updated", data: (now) => user({ last_name: "Renamed", updated_at: now }) },
  { type: "user.deleted", data: () => ({ id: "user_sample", object: "user", deleted: true }) },
  {
    type: "organization.created",
    data: (now) => ({ ...organization, created_at: now, updated_at: now }),
  },
  {
    type: "organizationMembership.created",
    data: (now) => ({
      ...{ id: "orgmem_sample", object: "organization_membership", role: "org:admin" },
      ...{ organization, public_user_data: publicUser, created_at: now, updated_at: now },
    }),
  },
  {
    type: "organization.deleted",
    data: () => ({ id: "org_sample", object: "organization", deleted: true }),
  },
  { type: "email.created", data: () => ({ id: "ema_sample", object: "email" }) },
];
