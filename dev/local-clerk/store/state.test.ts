import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../testing/temporary-folder";
import { UserError } from "../user-error";
import { State } from "./state";

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const journal = () => join(folder.path, "journal.ndjson");
const mail = (id: string) => ({ id, to: "a@b.c", subject: id, text: "", code: null, createdAt: 1 });

test("after a restart, stored records exist and dropped records do not", () => {
  const state = new State(folder.path, 1);
  state.mails.make(mail("one"));
  state.mails.make(mail("two"));
  state.mails.drop("one");
  const again = new State(folder.path, 1);
  expect([...again.mails.all()].map((each) => each.id)).toEqual(["two"]);
});

test("an incomplete last line of the journal is discarded at the start, and later writes succeed", () => {
  const state = new State(folder.path, 1);
  state.mails.make(mail("whole"));
  appendFileSync(journal(), '[["put","mails",{"id":"torn"');
  const again = new State(folder.path, 1);
  again.mails.make(mail("after"));
  const third = new State(folder.path, 1);
  expect([...third.mails.all()].map((each) => each.id)).toEqual(["whole", "after"]);
});

test("a change is one line of the journal, so an incomplete line restores none of the change's writes", () => {
  const state = new State(folder.path, 1);
  state.change(() => {
    state.mails.make(mail("one"));
    state.change(() => state.mails.make(mail("two")));
  });
  const text = readFileSync(journal(), "utf8");
  expect(text.trim().split("\n")).toHaveLength(1);
  writeFileSync(journal(), text.slice(0, -10));
  expect(new State(folder.path, 1).mails.size).toBe(0);
});

test("a change that throws is rolled back in memory and on disk; a nested change that throws is rolled back alone", () => {
  const state = new State(folder.path, 1);
  for (const id of ["kept", "gone"]) state.mails.make(mail(id));
  const refuse = () => {
    throw new Error("refused");
  };
  const tried = () =>
    state.change(() => {
      state.mails.make({ ...mail("kept"), subject: "changed" });
      state.mails.drop("gone");
      state.change(() => state.mails.make(mail("made")));
      refuse();
    });
  expect(tried).toThrow("refused");
  state.change(() => {
    expect(tried).toThrow("refused");
    state.mails.make(mail("after"));
  });
  for (const each of [state, new State(folder.path, 1)]) {
    const subjects = [...each.mails.all()].map(({ subject }) => subject);
    expect(subjects.sort()).toEqual(["after", "gone", "kept"]);
  }
});

test("afterCommit runs after the outer commit, never after rollback, and immediately outside a change", () => {
  const state = new State(folder.path, 1);
  const calls: string[] = [];
  const register = (name: string) => state.afterCommit(() => calls.push(name));
  const refused = () =>
    state.change(() => {
      register("undone");
      throw new Error("refused");
    });
  state.change(() => {
    register("outer");
    state.change(() => register("inner"));
    expect(refused).toThrow("refused");
    expect(calls).toEqual([]);
  });
  expect(refused).toThrow("refused");
  register("at once");
  expect(calls).toEqual(["outer", "inner", "at once"]);
});

test("a damaged line in the middle of the journal stops the start with an error that names the remedy", () => {
  const state = new State(folder.path, 1);
  state.mails.make(mail("one"));
  writeFileSync(journal(), `nonsense\n${readFileSync(journal(), "utf8")}`);
  expect(() => new State(folder.path, 1)).toThrow(/damaged at line 1\. Delete its folder/);
});

test("the start fails when a record does not match its schema, or when the data folder's path is a file", () => {
  const state = new State(folder.path, 1);
  state.mails.make(mail("one"));
  for (const line of ['[["put","comets",{"id":"c"}]]', '[["put","mails",{"id":"x","to":1}]]']) {
    writeFileSync(journal(), `${line}\n`);
    expect(() => new State(folder.path, 1)).toThrow(UserError);
    expect(() => new State(folder.path, 1)).toThrow(
      /line 1 .* another version .* move the folder away/,
    );
  }
  expect(() => new State(join(journal(), "clerk"), 1)).toThrow(
    `${journal()} is a file and should be a folder`,
  );
});

test("a start compacts the journal to one line per record", () => {
  const state = new State(folder.path, 1);
  for (let place = 0; place < 50; place += 1) state.mails.make(mail("same"));
  new State(folder.path, 1);
  expect(readFileSync(journal(), "utf8").trim().split("\n")).toHaveLength(1);
});

test("after a record's key changes, the look-up finds the record by the new key only", () => {
  const state = new State(folder.path, 1);
  const slug = (value: string) => ({
    id: "org_1",
    name: "A",
    slug: value,
    createdBy: null,
    publicMetadata: {},
    privateMetadata: {},
    maxAllowedMemberships: 5,
    adminDeleteEnabled: true,
    createdAt: 1,
    updatedAt: 1,
  });
  state.organizations.make(slug("old"));
  state.organizations.make(slug("new"));
  expect(state.organizationsBySlug.first("old")).toBeUndefined();
  expect(state.organizationsBySlug.first("new")?.id).toBe("org_1");
});
