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

test("what was put is there after a restart, what was dropped is not", () => {
  const state = new State(folder.path, 1);
  state.mails.make(mail("one"));
  state.mails.make(mail("two"));
  state.mails.drop("one");
  const again = new State(folder.path, 1);
  expect([...again.mails.all()].map((each) => each.id)).toEqual(["two"]);
});

test("a line torn by a kill is forgotten, and writing goes on after it", () => {
  const state = new State(folder.path, 1);
  state.mails.make(mail("whole"));
  appendFileSync(journal(), '[["put","mails",{"id":"torn"');
  const again = new State(folder.path, 1);
  again.mails.make(mail("after"));
  const third = new State(folder.path, 1);
  expect([...third.mails.all()].map((each) => each.id)).toEqual(["whole", "after"]);
});

test("a change is one line: whole or not at all", () => {
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

test("a change that throws leaves nothing, in memory and on disk; an inner one alone can be undone", () => {
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

test("what is to be told of a change is told once it stands, and never when it is undone", () => {
  const state = new State(folder.path, 1);
  const told: string[] = [];
  const tell = (what: string) => state.afterCommit(() => told.push(what));
  const refused = () =>
    state.change(() => {
      tell("undone");
      throw new Error("refused");
    });
  state.change(() => {
    tell("outer");
    state.change(() => tell("inner"));
    expect(refused).toThrow("refused");
    expect(told).toEqual([]);
  });
  expect(refused).toThrow("refused");
  tell("at once");
  expect(told).toEqual(["outer", "inner", "at once"]);
});

test("damage in the middle stops the start and says what to do", () => {
  const state = new State(folder.path, 1);
  state.mails.make(mail("one"));
  writeFileSync(journal(), `nonsense\n${readFileSync(journal(), "utf8")}`);
  expect(() => new State(folder.path, 1)).toThrow(/damaged at line 1\. Delete its folder/);
});

test("what another version wrote is not guessed at, and a file in the folder's place is named", () => {
  const state = new State(folder.path, 1);
  state.mails.make(mail("one"));
  for (const line of ['[["put","comets",{"id":"c"}]]', '[["put","mails",{"id":"x","to":1}]]']) {
    writeFileSync(journal(), `${line}\n`);
    expect(() => new State(folder.path, 1)).toThrow(UserError);
    expect(() => new State(folder.path, 1)).toThrow(
      /line 1 .* another version .* delete the folder/,
    );
  }
  expect(() => new State(join(journal(), "clerk"), 1)).toThrow(
    `${journal()} is a file and should be a folder`,
  );
});

test("a start leaves the shortest journal that says the same", () => {
  const state = new State(folder.path, 1);
  for (let place = 0; place < 50; place += 1) state.mails.make(mail("same"));
  new State(folder.path, 1);
  expect(readFileSync(journal(), "utf8").trim().split("\n")).toHaveLength(1);
});

test("look-ups follow a record that changes its key", () => {
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
