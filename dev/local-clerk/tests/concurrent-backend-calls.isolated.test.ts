// Overlapping calls of the Backend API. A call that waits for its body or a password hash re-reads its records before it writes.
// It must not undo concurrent changes, nor take an identifier that another call has taken meanwhile.

import type * as crypto from "node:crypto";
import { expect, vi } from "vitest";
import { callWithLateBody } from "../testing/late-body";
import { northwind } from "../testing/seeded";
import type { Site } from "../testing/site";
import { sharedTest as test } from "../testing/test";

// The first responses of a process are slow: Clerk's OpenAPI descriptions are read and compiled first.
vi.setConfig({ testTimeout: 30_000 });

/** A gate in front of scrypt: while it is closed, calls of scrypt wait. */
const gate = vi.hoisted(() => ({
  isClosed: false,
  waiting: [] as (() => void)[],
  onArrival: () => {},
}));

vi.mock("node:crypto", async (original) => {
  const real = await original<typeof crypto>();
  const scrypt = (...given: Parameters<typeof real.scrypt>) => {
    if (!gate.isClosed) return real.scrypt(...given);
    gate.waiting.push(() => real.scrypt(...given));
    gate.onArrival();
  };
  return { ...real, scrypt };
});

const password = "correct-horse-77";

const createUser = async ({ backend }: Site, name: string) =>
  (await backend.users.createUser({ emailAddress: [`${name}@example.com`] })).id;

/**
 * Calls `begin`, and waits until `count` of the calls that it starts are about to hash a password. Then runs `meanwhile` and lets
 * the hashing continue.
 */
async function whileHashing<T>(
  count: number,
  begin: () => Promise<T>,
  meanwhile: () => unknown = () => {},
) {
  gate.isClosed = true;
  const arrived = new Promise<void>((resolve) => {
    gate.onArrival = () => {
      if (gate.waiting.length === count) resolve();
    };
  });
  const result = begin();
  await arrived;
  gate.isClosed = false;
  await meanwhile();
  for (const release of gate.waiting.splice(0)) release();
  return result;
}

function sendLate(
  { clerk }: Site,
  method: string,
  path: string,
  body: object,
  meanwhile: () => Promise<unknown>,
) {
  const headers = {
    authorization: `Bearer ${clerk.keys.secretKey}`,
    "content-type": "application/json",
  };
  const call = { method, headers, body: JSON.stringify(body) };
  return callWithLateBody(`${clerk.url}/bapi/v1${path}`, call, meanwhile);
}

test("a user who is banned while a new password is hashed stays banned", async ({
  site,
  backend,
}) => {
  const id = await createUser(site, "banned");
  const change = () => backend.users.updateUser(id, { password });
  await whileHashing(1, change, () => backend.users.banUser(id));
  const user = await backend.users.getUser(id);
  expect([user.banned, user.passwordEnabled]).toEqual([true, true]);
});

test("a user who is deleted while a new password is hashed stays deleted", async ({
  site,
  backend,
}) => {
  const id = await createUser(site, "deleted");
  const change = () => backend.users.updateUser(id, { password }).catch(({ status }) => status);
  const events = await site.eventsDuring(async () => {
    expect(await whileHashing(1, change, () => backend.users.deleteUser(id))).toBe(404);
  });
  expect(events).toEqual(["user.deleted"]);
});

test.for([
  ["PATCH", "/users/:id", { first_name: "Late" }],
  ["PATCH", "/users/:id/metadata", { public_metadata: { late: true } }],
  ["PUT", "/users/:id/email_address", { email_address: "new@example.com" }],
] as const)(
  "a user who is deleted before the body of %s %s arrives stays deleted",
  async ([method, path, body], { site, backend }) => {
    const id = await createUser(site, "slow");
    const remove = () => backend.users.deleteUser(id);
    const events = await site.eventsDuring(async () => {
      expect(await sendLate(site, method, path.replace(":id", id), body, remove)).toBe(404);
    });
    expect(events).toEqual(["user.deleted"]);
  },
);

test("a metadata update whose body arrives late does not undo a change of the organization's name", async ({
  site,
  backend,
}) => {
  const rename = () =>
    backend.organizations.updateOrganization(northwind.id, { name: "Northwind" });
  const path = `/organizations/${northwind.id}/metadata`;
  const body = { public_metadata: { late: true } };
  expect(await sendLate(site, "PATCH", path, body, rename)).toBe(200);
  const { name, publicMetadata } = await backend.organizations.getOrganization({
    organizationId: northwind.id,
  });
  expect([name, publicMetadata]).toEqual(["Northwind", { late: true }]);
});

test("when three concurrent calls create a user with the same address, exactly one succeeds", async ({
  backend,
}) => {
  const given = { emailAddress: ["one@example.com"], password };
  const create = () =>
    backend.users.createUser(given).then(
      () => "created",
      ({ errors }) => errors[0].code,
    );
  const results = await whileHashing(3, () => Promise.all([create(), create(), create()]));
  const taken = "form_identifier_exists";
  expect(results.sort()).toEqual(["created", taken, taken]);
  expect(await backend.users.getCount({ emailAddress: given.emailAddress })).toBe(1);
});

test("when two concurrent calls of the control API create a user with the same address, exactly one succeeds", async ({
  control,
}) => {
  const create = () =>
    control.users.create({ emailAddress: "two@example.com" }).then(
      () => "created",
      () => "refused",
    );
  const results = await whileHashing(2, () => Promise.all([create(), create()]));
  expect(results.sort()).toEqual(["created", "refused"]);
});
