// Errors of a seed file or a command line: one line that names the place and the remedy.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readCommand } from "../cli/options";
import { readSeed } from "../simulation/seed";
import { temporaryFolder } from "../testing/temporary-folder";
import { UserError } from "../user-error";

let folder: ReturnType<typeof temporaryFolder>;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder.remove());

const person = (email: string) => ({ email, firstName: "A", lastName: "B", note: "" });
const users = [person("a@example.com"), person("b@example.com")];
const member = { email: "b@example.com", role: "org:member" };
const organization = { name: "One", slug: "one", createdBy: "a@example.com", members: [member] };
const seed = { password: "correct-horse-77", users, organizations: [organization] };
const withMembers = (...members: object[]) => ({
  ...seed,
  organizations: [{ ...organization, members }],
});

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof UserError) return error.message;
  }
  return "not a UserError";
}

function errorOfSeed(file: object): string {
  const path = join(folder.path, "seed.json");
  writeFileSync(path, JSON.stringify(file));
  return messageOf(() => readSeed(path));
}

test("readSeed reads a valid seed file", () => {
  const path = join(folder.path, "right.json");
  writeFileSync(path, JSON.stringify(seed));
  expect(readSeed(path).organizations[0]?.members).toMatchObject([member]);
});

test.each([
  [
    "the creator among the members",
    withMembers({ ...member, email: "a@example.com" }),
    "organizations.0.members.0: a@example.com created it and becomes its admin: remove that entry",
  ],
  [
    "a role without its prefix",
    withMembers({ ...member, role: "admin" }),
    "organizations.0.members.0.role: must be org:admin or org:member",
  ],
  [
    "a member twice",
    withMembers(member, member),
    "organizations.0.members.1: b@example.com is listed twice",
  ],
  [
    "an unknown member",
    withMembers({ ...member, email: "c@example.com" }),
    "organizations.0: c@example.com is not in users",
  ],
  ["an unknown field", { ...seed, persons: [] }, 'Unrecognized key: "persons"'],
  [
    "an unknown field of a person",
    { ...seed, users: [...users, { ...person("c@example.com"), age: 7 }] },
    'users.2: Unrecognized key: "age"',
  ],
  [
    "an address twice",
    { ...seed, users: [...users, person("A@example.com")] },
    "users.2: a@example.com is listed twice",
  ],
  [
    "a slug twice",
    { ...seed, organizations: [organization, organization] },
    "organizations.1: one is listed twice",
  ],
  [
    "a slug with a space",
    { ...seed, organizations: [{ ...organization, slug: "o ne" }] },
    "organizations.0.slug: must consist of a-z, 0-9, - and _",
  ],
])(
  "a seed with %s is refused with the file's path and the place of the bad entry",
  (_, file, why) => {
    const refused = errorOfSeed(file);
    expect(refused).toContain(`the seed ${join(folder.path, "seed.json")} cannot be used: `);
    expect(refused).toContain(why);
  },
);

test("serve is the default command, and its default data folder is .local-clerk", () => {
  const start = { port: 4010, dataDir: ".local-clerk", appUrl: "http://localhost:3000" };
  expect(readCommand([])).toEqual({ name: "serve", start });
  const given = ["--data", "d", "--port", "0", "--app-url", "http://localhost:9", "--seed", "s"];
  expect(readCommand(given)).toEqual({
    name: "serve",
    start: { port: 0, dataDir: "d", appUrl: "http://localhost:9", seed: "s" },
  });
});

test("exec passes all arguments after -- to the command, and takes the app's port from PORT", () => {
  const given = ["exec", "--webhook-path", "/hooks", "--", "next", "dev", "--port", "3200"];
  expect(readCommand(given, "3200")).toEqual({
    name: "exec",
    start: { port: 0, appUrl: "http://localhost:3200", webhookPath: "/hooks" },
    command: "next",
    args: ["dev", "--port", "3200"],
  });
});

test("--help before -- prints the usage, and --help after -- is passed to the command", () => {
  expect(readCommand(["exec", "--help"])).toMatchObject({ name: "help" });
  expect(readCommand(["exec", "--", "next", "--help"])).toMatchObject({ args: ["--help"] });
});

test.each([
  [["--data", "d", "--port", "abc"], "--port abc is not a port. Use a number up to 65535"],
  [["--data", "d", "--port", "70000"], "--port 70000 is not a port."],
  [["--data", "d", "--app-url", "localhost:3000"], "as in --app-url http://localhost:3000."],
  [["--data", "d", "--app-url", "nowhere"], "--app-url nowhere is not the URL of an app."],
  [["--data", "d", "--prot", "1"], "Unknown option '--prot'. Usage: local-clerk [serve]"],
  [["--data"], "Usage: local-clerk [serve]"],
  [["--webhook-path", "hooks"], "--webhook-path hooks is not a path."],
  [["start"], "Unknown command start. Usage:"],
  [["exec", "--port", "0"], "No command to run. Put it after --"],
  [["exec", "--"], "No command to run. Put it after --"],
  [["generate", "--users", "many"], "--users many is not a number, as in --users 2000."],
])("the command line %j is refused with an error of one line", (given, why) => {
  const message = messageOf(() => readCommand(given));
  expect(message).toContain(why);
  expect(message).not.toContain("\n");
});
