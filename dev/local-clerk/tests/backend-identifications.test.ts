// Addresses and numbers that the Backend API creates for a user: each call emits one event and applies every field.

import { expect } from "vitest";
import { sharedTest } from "../testing/test";

const test = sharedTest.extend<{ userId: string }>({
  userId: [
    async ({ site }, use) => {
      const given = { emailAddress: ["first@example.com"] };
      await use((await site.backend.users.createUser(given)).id);
    },
    { scope: "file" },
  ],
});

test("creating or updating a primary address or number emits exactly one user.updated", async ({
  site,
  backend,
  userId,
}) => {
  const { emailAddresses, phoneNumbers, users } = backend;
  const email = { userId, emailAddress: "second@example.com", verified: true, primary: true };
  expect(await site.eventsDuring(() => emailAddresses.createEmailAddress(email))).toEqual([
    "user.updated",
  ]);
  const phone = { userId, phoneNumber: "+447700900141", verified: true, primary: true };
  expect(await site.eventsDuring(() => phoneNumbers.createPhoneNumber(phone))).toEqual([
    "user.updated",
  ]);
  const other = { userId, phoneNumber: "+447700900142", verified: true };
  const { id } = await phoneNumbers.createPhoneNumber(other);
  const [first] = (await users.getUser(userId)).emailAddresses;
  const changes = { verified: true, primary: true };
  for (const change of [
    () => emailAddresses.updateEmailAddress(first?.id ?? "", changes),
    () => phoneNumbers.updatePhoneNumber(id, changes),
  ]) {
    expect(await site.eventsDuring(change)).toEqual(["user.updated"]);
  }
  const user = await users.getUser(userId);
  expect([user.primaryEmailAddressId, user.primaryPhoneNumberId]).toEqual([first?.id, id]);
});

test("only a verified number can be created as a second factor, and the first such number becomes the default", async ({
  backend,
  userId,
}) => {
  const { phoneNumbers } = backend;
  const make = (phoneNumber: string, verified: boolean) =>
    phoneNumbers.createPhoneNumber({
      userId,
      phoneNumber,
      verified,
      reservedForSecondFactor: true,
    });
  const factorOf = ({
    reservedForSecondFactor: reserved,
    defaultSecondFactor: isDefault,
  }: Made) => [reserved, isDefault];
  type Made = Awaited<ReturnType<typeof make>>;
  expect(factorOf(await make("+447700900143", true))).toEqual([true, true]);
  expect(factorOf(await make("+447700900144", true))).toEqual([true, false]);
  await expect(make("+447700900145", false)).rejects.toMatchObject({
    errors: [{ code: "form_param_format_invalid" }],
  });
});
