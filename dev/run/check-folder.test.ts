import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkFolder } from "./check-folder";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "rollcall-folder-"));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("the folder of npm run dev", () => {
  /** Runs a copy of the entry point in a folder without packages. If it accepts the path, it prints “run npm install first”. */
  function startIn(path: string): string {
    mkdirSync(join(path, "dev"), { recursive: true });
    copyFileSync("dev/main.cjs", join(path, "dev/main.cjs"));
    const { stderr, status } = spawnSync(process.execPath, ["dev/main.cjs"], {
      cwd: path,
      encoding: "utf8",
    });
    expect(status).toBe(1);
    return stderr;
  }

  test.each(["plain", "with space", "Größe 日本", "it's", "a+b (copy) [1] & more"])(
    "npm run dev accepts a project folder named %s",
    (name) => {
      expect(startIn(join(root, name))).toContain("run npm install first");
    },
  );

  test.each(["a#b", "a?b", "50%", `say "hi"`, "a$b", "a`b", "a\\b", "a\nb"])(
    "npm run dev refuses, in one line, a project folder whose path has a character that cannot work: %j",
    (name) => {
      expect(startIn(join(root, name))).toMatch(
        /^The path of this folder contains .+ Move it .+\n$/,
      );
    },
  );

  test("npm run dev refuses a project folder whose path is too long", () => {
    const long = join(root, ...Array.from({ length: 10 }, () => "x".repeat(60)));
    expect(startIn(long)).toMatch(/^The path of this folder is \d+ bytes long, .+ Move it .+\n$/);
  });

  test("npm run dev refuses a project folder that this user cannot write to", () => {
    expect(() => checkFolder(root, () => false)).toThrow(
      /^Rollcall cannot write to its own folder .+: run it as that user, or copy it/,
    );
  });

  test.each([".rollcall", ".rollcall/postgres", ".next", "lib/generated"])(
    "npm run dev refuses a project folder in which %s belongs to another user; the message has the chown command",
    (name) => {
      const path = join(root, name);
      mkdirSync(path, { recursive: true });
      expect(() => checkFolder(root, (each) => each !== path)).toThrow(
        `sudo chown -R "$(id -u)" ${name}`,
      );
    },
  );
});
