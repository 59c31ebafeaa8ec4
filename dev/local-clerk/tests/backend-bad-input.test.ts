// Bad input to the Backend API is refused with Clerk's error codes. The contract watch checks that Clerk publishes each
// code with its status.

import { expect } from "vitest";
import { amara, kofi, northwind } from "../testing/seeded";
import { sharedTest as test } from "../testing/test";

test.for([
  ["not JSON", "{", 400, "request_body_invalid"],
  ["a JSON number", "7", 422, "form_param_format_invalid"],
  ["a JSON array", "[]", 422, "form_param_format_invalid"],
  ["a name that is not a string", '{"first_name":7}', 422, "form_param_format_invalid"],
  ["metadata that is not an object", '{"public_metadata":[]}', 422, "form_param_format_invalid"],
  ["a malformed email address", '{"email_address":["x"]}', 422, "form_param_format_invalid"],
  ["a malformed phone number", '{"phone_number":["12"]}', 422, "form_param_format_invalid"],
  ["a malformed time", '{"created_at":"yesterday"}', 422, "form_param_format_invalid"],
  ["no identifier", "{}", 422, "form_param_missing"],
  ["a field that is not implemented", '{"password_digest":"x"}', 501, "not_implemented_locally"],
] as const)(
  "creating a user with %s is refused",
  async ([_, body, status, code], { site, backend }) => {
    const before = await backend.users.getCount();
    const refused = await site.callBackend("POST", "/users", body);
    expect([refused.status, refused.code]).toEqual([status, code]);
    expect(refused.body.clerk_trace_id).toEqual(expect.any(String));
    expect(await backend.users.getCount()).toBe(before);
  },
);

test.for([
  "limit=0",
  "limit=501",
  "limit=ten",
  "offset=-1",
  "order_by=shoe_size",
  "created_at_after=yesterday",
])("listing users with %s is refused", async (query, { site }) => {
  const refused = await site.callBackend("GET", `/users?${query}`);
  expect([refused.status, refused.code]).toEqual([422, "form_param_format_invalid"]);
});

test.for([
  ["GET", "/users/user_none"],
  ["PATCH", "/users/user_none"],
  ["PATCH", "/users/user_none/metadata"],
  ["DELETE", "/users/user_none"],
  ["POST", "/users/user_none/ban"],
  ["POST", "/users/user_none/lock"],
  ["POST", "/users/user_none/verify_password"],
  ["GET", "/users/user_none/organization_memberships"],
  ["GET", "/organizations/org_none"],
  ["PATCH", "/organizations/org_none"],
  ["DELETE", "/organizations/org_none"],
  ["GET", "/organizations/org_none/memberships"],
  ["PATCH", `/organizations/${northwind.id}/memberships/user_none/metadata`],
  ["DELETE", `/organizations/${northwind.id}/memberships/user_none`],
  ["GET", `/organizations/${northwind.id}/invitations/orginv_none`],
  ["POST", `/organizations/${northwind.id}/invitations/orginv_none/revoke`],
  ["PATCH", `/organizations/${northwind.id}/domains/orgdmn_none`],
  ["DELETE", `/organizations/${northwind.id}/domains/orgdmn_none`],
  ["POST", "/invitations/inv_none/revoke"],
  ["POST", "/waitlist_entries/wle_none/invite"],
  ["GET", "/sessions/sess_none"],
  ["POST", "/sessions/sess_none/revoke"],
  ["POST", "/sessions/sess_none/tokens"],
  ["GET", "/clients/client_none"],
  ["GET", "/jwt_templates/jtmp_none"],
  ["DELETE", "/jwt_templates/jtmp_none"],
  ["GET", "/organization_roles/role_none"],
  ["DELETE", "/organization_permissions/perm_none"],
  ["POST", "/sign_in_tokens/sit_none/revoke"],
  ["POST", "/actor_tokens/act_none/revoke"],
  ["GET", "/email_addresses/idn_none"],
  ["DELETE", "/phone_numbers/idn_none"],
  ["DELETE", "/redirect_urls/ru_none"],
  ["GET", "/clients/handshake_payload?nonce=none"],
] as const)("%s %s with an unknown id returns 404", async ([method, path], { site }) => {
  const body = path.endsWith("verify_password") ? '{"password":"x"}' : "{}";
  const refused = await site.callBackend(method, path, method === "GET" ? undefined : body);
  expect([refused.status, refused.code]).toEqual([404, "resource_not_found"]);
});

test("an update with another user's address id, a session in an organization without membership, and a membership with an unknown role are refused", async ({
  site,
  backend,
}) => {
  const other = await backend.users.getUser(amara.id);
  const body = JSON.stringify({ primary_email_address_id: other.primaryEmailAddressId });
  expect((await site.callBackend("PATCH", `/users/${kofi.id}`, body)).code).toBe(
    "resource_not_found",
  );
  const phone = await site.callBackend(
    "PATCH",
    `/users/${kofi.id}`,
    '{"primary_phone_number_id":"idn_none"}',
  );
  expect(phone.code).toBe("resource_not_found");
  const user = await backend.users.getUser(kofi.id);
  expect(user.emailAddresses.map(({ id }) => id)).toContain(user.primaryEmailAddressId);
  const joined = { user_id: kofi.id, active_organization_id: northwind.id };
  expect((await site.callBackend("POST", "/sessions", JSON.stringify(joined))).code).toBe(
    "organization_not_found_or_unauthorized",
  );
  const role = { organizationId: northwind.id, userId: kofi.id, role: "org:captain" };
  await expect(backend.organizations.createOrganizationMembership(role)).rejects.toMatchObject({
    status: 404,
    errors: [{ code: "resource_not_found" }],
  });
});
