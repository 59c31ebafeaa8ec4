/** Follows a recipe of the documents in a copy of the repository: writes its files, applies its edits, runs its commands. */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

export type Block = { language: string; text: string };

/** Returns the code blocks below a heading, without the indentation of the list that contains them. */
export function blocksOf(document: string, heading: string): Block[] {
  const start = document.indexOf(`\n${heading}\n`);
  if (start < 0) throw new Error(`there is no heading "${heading}"`);
  const [section = ""] = document.slice(start + heading.length + 2).split(/^## /m);
  return [...section.matchAll(/^( *)```(\w+)\n([\s\S]*?)^\1```$/gm)].map(
    ([, indent = "", language = "", text = ""]) => ({
      language,
      text: text.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
    }),
  );
}

/**
 * Copies the files that git tracks, and untracked files that git does not ignore. Links `node_modules` to the folder in `from`.
 */
export function copyTree(from: string, to: string): void {
  const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const files = execFileSync("git", list, { cwd: from, encoding: "utf8" }).split("\0");
  for (const file of files.filter((name) => name !== "" && existsSync(join(from, name)))) {
    cpSync(join(from, file), join(to, file));
  }
  symlinkSync(join(from, "node_modules"), join(to, "node_modules"));
}

/**
 * Resolves a path of the recipe to a file. If the name of the file's folder starts with `*`, the file is in the folder whose name
 * ends with the characters after the `*`. Exactly one folder must have such a name.
 */
function locate(root: string, path: string): string {
  const [parent, pattern] = [dirname(dirname(path)), basename(dirname(path))];
  if (!pattern.startsWith("*")) return join(root, path);
  const folders = readdirSync(join(root, parent));
  const [folder, ...others] = folders.filter((name) => name.endsWith(pattern.slice(1)));
  if (folder === undefined || others.length > 0) throw new Error(`not one file: ${path}`);
  return join(root, parent, folder, basename(path));
}

/** Applies a diff block: adds `+` lines, removes `-` lines. The lines without `+` must occur once in the file, in sequence. */
function edit(root: string, [header = "", ...lines]: string[]): void {
  const file = join(root, header.replace(/^# /, ""));
  const source = readFileSync(file, "utf8");
  const linesOf = (signs: string) =>
    lines
      .filter((line) => signs.includes(line.slice(0, 1) || " "))
      .map((line) => `${line.slice(1)}\n`);
  const old = linesOf(" -").join("");
  if (source.split(old).length !== 2) throw new Error(`not once in ${file}: ${old}`);
  writeFileSync(
    file,
    source.replace(old, () => linesOf(" +").join("")),
  );
}

const HEADER = /^(?:\/\/|--) (append to )?(\S+)$/m;

/** Returns the path of the file that the block writes; null for an edit or a command. */
export function pathOf({ language, text }: Block): string | null {
  return ["sh", "diff"].includes(language) ? null : (HEADER.exec(text)?.[2] ?? null);
}

function write(root: string, [header = "", ...lines]: string[]): void {
  const [, isAppended, path] = HEADER.exec(header) ?? [];
  if (path === undefined) throw new Error(`not a path: ${header}`);
  const file = locate(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${lines.join("\n")}\n`, { flag: isAppended ? "a" : "w" });
}

/** Writes the file, applies the edit or runs the commands of one block. `run` executes one line of a shell block in `root`. */
export function follow(root: string, { language, text }: Block, run: (line: string) => void): void {
  const lines = text.trimEnd().split("\n");
  if (language === "sh") for (const line of lines) run(line);
  else if (language === "diff") edit(root, lines);
  else write(root, lines);
}
