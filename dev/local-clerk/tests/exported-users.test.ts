// Users exported from Clerk, used as the seed of a local Clerk.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readSeed } from "../simulation/seed";
import { startLocalClerk } from "../start";
import { backendClient } from "../testing/site";
import { temporaryFolder } from "../testing/temporary-folder";

const ada = {
  id: "user_2fT3OpCuU3elx0CXE3cNyStBC9u",
  first_name: "Ada",
  last_name: "Okoro",
  username: null,
  primary_email_address: "ada@example.com",
  email_addresses: ["work@example.com", "ada@example.com"],
  unverified_email_addresses: ["new@example.com"],
  primary_phone_number: "+12015550123",
  phone_numbers: null,
  password_digest: "$2a$10$aaaaaaaaaaaaaaaaaaaaaa",
  password_hasher: "bcrypt",
  public_metadata: { role: "admin" },
  private_metadata: { plan: "trial" },
  unsafe_metadata: {},
  created_at: 1_700_000_000_000,
  totp_secret: null,
};

/** The exported users: `nameOnly` has a username only, and `fromBackend` is in the JSON of the Backend API. */
const nameOnly = { id: "user_2fTPmPJJGj6SZV1e8xN7yapuoim", username: "grace", banned: true };
const listed = (address: string, id: string, status: string) => ({
  id,
  email_address: address,
  verification: { status },
});
const fromBackend = {
  id: "user_2gRua7G8WRYBglzXE5sxRbIRkfJ",
  external_id: "crm-7",
  primary_email_address_id: "idn_2",
  email_addresses: [
    listed("second@example.com", "idn_1", "unverified"),
    listed("first@example.com", "idn_2", "verified"),
  ],
};

function seedFile(content: unknown) {
  const folder = temporaryFolder();
  const path = join(folder.path, "export.json");
  writeFileSync(path, JSON.stringify(content));
  return { path, remove: folder.remove };
}

test("users from a Clerk export keep their ids, identifiers, metadata and dates, and get the seed's password", async () => {
  const file = seedFile([ada, nameOnly, fromBackend]);
  const clerk = await startLocalClerk({ seed: file.path });
  try {
    const backend = backendClient(clerk);
    const user = await backend.users.getUser(ada.id);
    expect(user).toMatchObject({
      firstName: "Ada",
      createdAt: ada.created_at,
      publicMetadata: ada.public_metadata,
      privateMetadata: ada.private_metadata,
      primaryEmailAddress: { emailAddress: "ada@example.com" },
      primaryPhoneNumber: { phoneNumber: "+12015550123" },
    });
    expect(
      user.emailAddresses.map(({ emailAddress, verification }) => [
        emailAddress,
        verification?.status,
      ]),
    ).toEqual([
      ["ada@example.com", "verified"],
      ["work@example.com", "verified"],
      ["new@example.com", undefined],
    ]);
    const answer = await backend.users.verifyPassword({ userId: ada.id, password: clerk.password });
    expect(answer.verified).toBe(true);

    expect(await backend.users.getUser(nameOnly.id)).toMatchObject({
      username: "grace",
      banned: true,
      primaryEmailAddress: null,
    });
    expect(await backend.users.getUser(fromBackend.id)).toMatchObject({
      externalId: "crm-7",
      primaryEmailAddress: { emailAddress: "first@example.com" },
    });
  } finally {
    await clerk.close();
    file.remove();
  }
});

test("an export with an invalid user is refused with the user's index and the field", () => {
  const file = seedFile([ada, { ...ada, id: "2fT3" }]);
  expect(() => readSeed(file.path)).toThrow("1.id: must be the id of a user, such as user_2abc");
  file.remove();
});
