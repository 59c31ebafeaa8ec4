/** Checks that every link, path, command and test filter in the documents exists: otherwise documents go stale silently. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { z } from "zod";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (file: string) => readFileSync(join(root, file), "utf8");

function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : filesUnder(path);
    return [path];
  });
}

const documents = ["README.md", ...filesUnder("docs").filter((file) => file.endsWith(".md"))];
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(read("package.json")));
const tests = ["app", "components", "dev", "lib", "prisma"]
  .flatMap(filesUnder)
  .filter((file) => /\.test\.tsx?$/.test(file));
const stories = filesUnder("e2e").filter((file) => file.endsWith(".spec.ts"));

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found]) => found ?? "");
}

/** Returns the anchor that GitHub generates for a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");
}

function isLinkGood(from: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? from : join(dirname(from), path);
  if (!existsSync(join(root, target))) return false;
  return (
    anchor === undefined ||
    matches(read(target), /^#+ (.+)$/gm)
      .map(anchorOf)
      .includes(anchor)
  );
}

const withoutBlocks = (text: string) => text.replaceAll(/^```[\s\S]*?^```$/gm, "");

/** Returns the inline code that looks like a path of this repository. A path with a `*` is cut to the folder before the `*`. */
function pathsIn(text: string): string[] {
  const folders = "app|components|lib|prisma|dev|e2e|docs";
  const path = new RegExp(`^(?:(?:${folders})/\\S*|[\\w.-]+\\.(?:tsx?|json|mjs|md))$`);
  return matches(withoutBlocks(text), /`([^`\n]+)`/g)
    .filter((code) => path.test(code))
    .map((code) => code.replace(/[^/]*\*.*$/, ""));
}

/**
 * Returns the arguments of each use of `command`, without options such as `--only`. The arguments end with the inline code or the
 * line, or before `|`, `&` or `#`.
 */
function wordsAfter(text: string, command: string): string[] {
  const rest = matches(text, new RegExp(`${command} ([^\`\\n|&#]+)`, "g"));
  return rest.flatMap((words) => words.trim().split(/\s+/)).filter((word) => !/^-/.test(word));
}

describe.each(documents)("%s", (file) => {
  const text = read(file);

  test("every relative link in a document leads to an existing file and heading", () => {
    const links = matches(text, /\]\(([^)\s]+)\)/g).filter((link) => !/^https?:/.test(link));
    expect(links.filter((link) => !isLinkGood(file, link))).toEqual([]);
  });

  test("every npm script that a document names exists", () => {
    const named = matches(text, /npm run ([\w:-]+)/g);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  test("every path that a document names exists", () => {
    expect(pathsIn(text).filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test("every test command in a document has filters that select at least one file", () => {
    const isEmpty = (files: string[]) => (filter: string) =>
      !files.some((path) => path.includes(filter));
    expect(wordsAfter(text, "npx vitest run").filter(isEmpty(tests))).toEqual([]);
    expect(wordsAfter(text, "npx playwright test").filter(isEmpty(stories))).toEqual([]);
  });
});

test("the README has at most 100 lines", () => {
  expect(read("README.md").trimEnd().split("\n").length).toBeLessThanOrEqual(100);
});

test("every decision record in docs/decisions is listed in its README.md", () => {
  const folder = "docs/decisions";
  const listed = matches(read(join(folder, "README.md")), /\]\((\d{3}-[a-z0-9-]+\.md)\)/g);
  const records = readdirSync(join(root, folder)).filter((name) => /^\d{3}-/.test(name));
  expect(listed.toSorted()).toEqual(records.toSorted());
});
