// Exports the state of a local Clerk to a file, and starts another local Clerk from the file.

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

/** Starts a local Clerk, creates a user and a session, and exports its state to `file`. */
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

test("a local Clerk started with importFrom has the keys, users and sessions of the exported state", async ({
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

test("the exported file is readable by its owner only", async ({ file }) => {
  await exportTo(file);
  expect(statSync(file).mode & 0o077).toBe(0);
});

test("importFrom is refused for a folder that has data, and the data is not changed", async ({
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

test("importFrom refuses a file of a newer format with an error that names the remedy", async ({
  file,
}) => {
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
])("importFrom refuses %s", async ([, content = "", message], { file }) => {
  writeFileSync(file, content);
  expect(await refusalOf({ importFrom: file })).toContain(message);
});

test("importFrom refuses a file that does not exist, and the error contains its path", async ({
  file,
}) => {
  expect(await refusalOf({ importFrom: file })).toContain(
    `the state ${file} cannot be used: ENOENT`,
  );
});

test("the command line parses export FILE, and the option of exec that exports the state at the end", () => {
  for (const given of [
    ["state.ndjson", "--data", "x"],
    ["--data", "x", "state.ndjson"],
  ]) {
    const command = { name: "export", file: "state.ndjson", dataDir: "x" };
    expect(readCommand(["export", ...given])).toEqual(command);
  }
  expect(readCommand(["exec", "--import", "a", "--export", "b", "--", "true"])).toMatchObject({
    start: { importFrom: "a" },
    exportTo: "b",
  });
  expect(() => readCommand(["export"])).toThrow("No file to write.");
  expect(() => readCommand(["export", "a", "b"])).toThrow("Name one file, not a and b.");
});
