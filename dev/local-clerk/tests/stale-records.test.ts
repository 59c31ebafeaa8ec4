// A call that waits, for its body or for a password's hash, finds the records as they are when it goes on: what happened
// meanwhile is not undone, and what was free may be taken.

import type * as crypto from "node:crypto";
import { request } from "node:http";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { derivedId } from "../ids";
import type { LocalClerk } from "../start";
import { type Backend, backendOf, openSite, type Site } from "../testing/site";

/** While it is shut, whoever hashes waits before it. */
const gate = vi.hoisted(() => ({ isShut: false, waiting: [] as (() => void)[], seen: () => {} }));

vi.mock("node:crypto", async (original) => {
  const real = await original<typeof crypto>();
  const scrypt = (...given: Parameters<typeof real.scrypt>) => {
    if (!gate.isShut) return real.scrypt(...given);
    gate.waiting.push(() => real.scrypt(...given));
    gate.seen();
  };
  return { ...real, scrypt };
});

let site: Site;
let clerk: LocalClerk;
let client: Backend;

beforeAll(async () => {
  site = await openSite();
  ({ clerk } = site);
  client = backendOf(clerk);
});
afterAll(() => site.close());

const make = async (name: string) =>
  (await client.users.createUser({ emailAddress: [`${name}@example.com`] })).id;

/** Runs it until `count` of its calls have come to the hash, does what is to be done meanwhile, and lets them go on. */
async function whileHashing<T>(count: number, begin: () => Promise<T>, meanwhile: () => unknown) {
  gate.isShut = true;
  const arrived = new Promise<void>((resolve) => {
    gate.seen = () => {
      if (gate.waiting.length === count) resolve();
    };
  });
  const begun = begin();
  await arrived;
  gate.isShut = false;
  await meanwhile();
  for (const go of gate.waiting.splice(0)) go();
  return begun;
}

/** Sends the head of a call, does what is to be done once the server has it, then sends the body. */
function withLateBody(
  method: string,
  path: string,
  body: string,
  meanwhile: () => Promise<unknown>,
): Promise<number> {
  const headers = {
    authorization: `Bearer ${clerk.keys.secretKey}`,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    expect: "100-continue",
  };
  return new Promise((resolve, reject) => {
    const call = request(`${clerk.url}/bapi/v1${path}`, { method, headers }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
    });
    call.on("error", reject);
    call.on("continue", () => void meanwhile().then(() => call.end(body), reject));
    call.flushHeaders();
  });
}

test("a ban while the new password is hashed stays", async () => {
  const id = await make("banned");
  const change = () => client.users.updateUser(id, { password: "correct-horse-77" });
  await whileHashing(1, change, () => client.users.banUser(id));
  const user = await client.users.getUser(id);
  expect([user.banned, user.passwordEnabled]).toEqual([true, true]);
});

test("who is deleted while the new password is hashed stays deleted", async () => {
  const id = await make("deleted");
  const before = site.told.length;
  const change = () =>
    client.users.updateUser(id, { password: "correct-horse-77" }).catch(({ status }) => status);
  expect(await whileHashing(1, change, () => client.users.deleteUser(id))).toBe(404);
  expect(site.told.slice(before)).toEqual(["user.deleted"]);
});

test.each([
  ["PATCH", "/users/:id", { first_name: "Late" }],
  ["PATCH", "/users/:id/metadata", { public_metadata: { late: true } }],
  ["PUT", "/users/:id/email_address", { email_address: "new@example.com" }],
])("who is deleted before the body of %s %s has come stays deleted", async (method, path, body) => {
  const id = await make("slow");
  const before = site.told.length;
  const remove = () => client.users.deleteUser(id);
  expect(await withLateBody(method, path.replace(":id", id), JSON.stringify(body), remove)).toBe(
    404,
  );
  expect(site.told.slice(before)).toEqual(["user.deleted"]);
});

test("what an organization was given before the body of a change has come is kept", async () => {
  const id = derivedId("org", "northwind-press");
  const name = () => client.organizations.updateOrganization(id, { name: "Northwind" });
  const body = '{"public_metadata":{"late":true}}';
  expect(await withLateBody("PATCH", `/organizations/${id}/metadata`, body, name)).toBe(200);
  const { name: kept, publicMetadata } = await client.organizations.getOrganization({
    organizationId: id,
  });
  expect([kept, publicMetadata]).toEqual(["Northwind", { late: true }]);
});

test("three who ask for one address at once, each with a password: one gets it", async () => {
  const given = { emailAddress: ["one@example.com"], password: "correct-horse-77" };
  const ask = () =>
    client.users.createUser(given).then(
      () => "made",
      ({ errors }) => errors[0].code,
    );
  const asked = await whileHashing(
    3,
    () => Promise.all([ask(), ask(), ask()]),
    () => {},
  );
  const taken = "form_identifier_exists";
  expect(asked.sort()).toEqual([taken, taken, "made"]);
  expect(await client.users.getCount({ emailAddress: given.emailAddress })).toBe(1);
});

test("the control API gives one address to one person, too", async () => {
  const emailAddress = "two@example.com";
  const ask = () =>
    site.control.users.create({ emailAddress }).then(
      () => "made",
      () => "refused",
    );
  const asked = await whileHashing(
    2,
    () => Promise.all([ask(), ask()]),
    () => {},
  );
  expect(asked.sort()).toEqual(["made", "refused"]);
});
