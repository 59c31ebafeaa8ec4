// The state of one local Clerk as a file, and another one that starts from it.

import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test as base, expect } from "vitest";
import { readCommand } from "../cli/options";
import { type LocalClerkOptions, startLocalClerk } from "../start";
import { amara } from "../testing/seeded";
import { backendClient } from "../testing/site";
import { temporaryFolder } from "../testing/temporary-folder";

const test = base.extend<{ folder: string; file: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of a fixture's needs from here
  folder: async ({}, use) => {
    const { path, remove } = temporaryFolder();
    await use(path);
    remove();
  },
  file: ({ folder }, use) => use(join(folder, "state.ndjson")),
});

/** A local Clerk that ran, got one more user, and wrote its state to `file`. */
async function exportTo(file: string) {
  const clerk = await startLocalClerk();
  try {
    const session = await backendClient(clerk).sessions.createSession({ userId: amara.id });
    const user = await backendClient(clerk).users.createUser({
      emailAddress: ["noor.haddad@example.com"],
      password: "a-quiet-Harbour-41",
    });
    clerk.exportState(file);
    return { keys: clerk.keys, session, user };
  } finally {
    await clerk.close();
  }
}

const refusalOf = (options: LocalClerkOptions) =>
  startLocalClerk(options).then(
    (clerk) => clerk.close().then(() => "started"),
    (error: Error) => error.message,
  );

test("a local Clerk that starts from exported state has its keys, users and sessions", async ({
  file,
}) => {
  const exported = await exportTo(file);
  const clerk = await startLocalClerk({ importFrom: file });
  try {
    expect(clerk.keys).toEqual(exported.keys);
    const backend = backendClient(clerk);
    expect((await backend.users.getUser(exported.user.id)).createdAt).toBe(exported.user.createdAt);
    expect((await backend.sessions.getSession(exported.session.id)).userId).toBe(amara.id);
    expect((await backend.users.getCount()) > 1).toBe(true);
  } finally {
    await clerk.close();
  }
});

test("only its owner may read the file", async ({ file }) => {
  await exportTo(file);
  expect(statSync(file).mode & 0o077).toBe(0);
});

test("exported state is refused in a folder with data, which stays as it is", async ({
  folder,
  file,
}) => {
  await exportTo(file);
  const dataDir = join(folder, "data");
  await (await startLocalClerk({ dataDir })).close();
  const before = readFileSync(join(dataDir, "keys.json"), "utf8");
  expect(await refusalOf({ dataDir, importFrom: file })).toMatch(
    /has data already\. Import .+ into another folder/,
  );
  expect(readFileSync(join(dataDir, "keys.json"), "utf8")).toBe(before);
});

test("a file of a newer format is refused with the remedy", async ({ file }) => {
  await exportTo(file);
  const [header = "", ...changes] = readFileSync(file, "utf8").split("\n");
  const newer = { ...JSON.parse(header), format: 2 };
  writeFileSync(file, [JSON.stringify(newer), ...changes].join("\n"));
  expect(await refusalOf({ importFrom: file })).toContain(
    "it was written by a newer version. Update @rollcall/local-clerk here",
  );
});

test.for([
  ["another file", "not a state\n", "was not written by local-clerk export"],
  ["an empty file", "", "was not written by local-clerk export"],
])("%s is refused", async ([, content = "", message], { file }) => {
  writeFileSync(file, content);
  expect(await refusalOf({ importFrom: file })).toContain(message);
});

test("a file that does not exist is refused by its name", async ({ file }) => {
  expect(await refusalOf({ importFrom: file })).toContain(
    `the state ${file} cannot be used: ENOENT`,
  );
});

test("the command line has an export command and an option of exec for it", () => {
  expect(readCommand(["export", "state.ndjson", "--data", "x"])).toEqual({
    name: "export",
    file: "state.ndjson",
    dataDir: "x",
  });
  expect(readCommand(["exec", "--import", "a", "--export", "b", "--", "true"])).toMatchObject({
    start: { importFrom: "a" },
    exportTo: "b",
  });
  expect(() => readCommand(["export"])).toThrow("No file to write.");
});
