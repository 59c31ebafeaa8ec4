// Creating users through the Backend API: unique identifiers, and the status of each address and number.

import { expect } from "vitest";
import { sharedTest as test } from "../testing/test";

const taken = { status: 422, errors: [{ code: "form_identifier_exists" }] };

test("creating a user with the same address or number twice is refused, and no user is created", async ({
  backend,
}) => {
  const before = await backend.users.getCount();
  for (const given of [
    { emailAddress: ["c@example.com", "C@example.com"] },
    { phoneNumber: ["+447700900111", "+447700900111"] },
  ]) {
    await expect(backend.users.createUser(given)).rejects.toMatchObject(taken);
  }
  expect(await backend.users.getCount()).toBe(before);
});

test("an external id that another user has is refused on creation and update; it is free after that user's external id changes", async ({
  backend,
}) => {
  const { users } = backend;
  const first = await users.createUser({ emailAddress: ["a@example.com"], externalId: "crm-1" });
  const again = { emailAddress: ["b@example.com"], externalId: "crm-1" };
  await expect(users.createUser(again)).rejects.toMatchObject({
    ...taken,
    errors: [{ meta: { paramName: "external_id" } }],
  });
  const other = await users.createUser({ emailAddress: ["b@example.com"] });
  await expect(users.updateUser(other.id, { externalId: "crm-1" })).rejects.toMatchObject(taken);
  expect((await users.updateUser(first.id, { externalId: "crm-1" })).externalId).toBe("crm-1");
  await users.updateUser(first.id, { externalId: "crm-2" });
  expect((await users.updateUser(other.id, { externalId: "crm-1" })).externalId).toBe("crm-1");
});

test("creating a user gives each address and number the status at the same index of the list of statuses", async ({
  backend,
}) => {
  const user = await backend.users.createUser({
    emailAddress: ["verified@example.com", "reserved@example.com"],
    emailAddressIdentificationStatus: ["verified", "reserved"],
    phoneNumber: ["+447700900112", "+447700900113"],
    phoneNumberIdentificationStatus: ["reserved", "verified"],
  });
  expect(user.emailAddresses.map((each) => each.verification?.status)).toEqual([
    "verified",
    undefined,
  ]);
  expect(user.phoneNumbers.map((each) => each.verification?.status)).toEqual([
    undefined,
    "verified",
  ]);
  expect(user.primaryPhoneNumberId).toBe(user.phoneNumbers[0]?.id);
});

test("creating a user is refused when the list of statuses is neither empty nor as long as the list of addresses", async ({
  backend,
}) => {
  const given = { emailAddress: ["x@example.com", "y@example.com"] };
  const mismatch = { ...given, emailAddressIdentificationStatus: ["reserved" as const] };
  await expect(backend.users.createUser(mismatch)).rejects.toMatchObject({
    status: 422,
    errors: [{ code: "form_param_array_length_mismatch" }],
  });
  const none = { ...given, emailAddressIdentificationStatus: [] };
  const user = await backend.users.createUser(none);
  expect(user.emailAddresses.every((each) => each.verification?.status === "verified")).toBe(true);
});
