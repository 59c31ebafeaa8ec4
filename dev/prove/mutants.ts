/**
 * Plants the faults of `mutants.diff` in a copy of `lib`, one at a time. The proof must catch each of them. The lines that a
 * fault removes must occur exactly once in the file: an edit that matches nothing would leave a mutant without its fault.
 */
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { loadSubject, type Subject } from "./subject";

type Edit = { file: string; out: string; in: string };
export type Mutant = { name: string; edits: Edit[]; schema: string[] };

const linesAfter = (sign: string, lines: string[]) =>
  lines.filter((line) => line.startsWith(sign)).map((line) => line.slice(1));

function parseMutant(text: string): Mutant {
  const [name = "", ...rest] = text.split("\n");
  const mutant: Mutant = { name, edits: [], schema: [] };
  for (const part of rest.join("\n").split(/^(?=lib\/|schema$)/m)) {
    const [target = "", ...lines] = part.trimEnd().split("\n");
    if (target === "schema") mutant.schema.push(...linesAfter("+", lines));
    else if (target) {
      const [out, put] = [linesAfter("-", lines), linesAfter("+", lines)];
      mutant.edits.push({ file: target, out: out.join("\n"), in: put.join("\n") });
    }
  }
  return mutant;
}

export function readMutants(): Mutant[] {
  const text = readFileSync(new URL("./mutants.diff", import.meta.url), "utf8");
  const [, ...mutants] = text.split(/^# /m);
  return mutants.map(parseMutant);
}

/** A copy of `lib` without a planted fault. If the proof reports a divergence for this copy, the copying itself is broken. */
export const CONTROL: Mutant = { name: "none", edits: [], schema: [] };

/** The folder is inside the project, so that the copies in it can import packages. Git ignores the folder. */
const FOLDER = ".rollcall/mutants";
const COPIED = readdirSync("lib").filter(
  (entry) => entry.endsWith(".ts") || ["live", "sync", "telemetry"].includes(entry),
);

function plant(root: string, edit: Edit): void {
  const path = join(root, edit.file);
  const source = readFileSync(path, "utf8");
  if (!edit.out || source.split(edit.out).length !== 2) {
    throw new Error(`lines to remove must occur exactly once in ${edit.file}: ${edit.out}`);
  }
  writeFileSync(
    path,
    source.replace(edit.out, () => edit.in),
  );
}

export async function loadMutant({ name, edits, schema }: Mutant): Promise<Subject> {
  const slug = name.replaceAll(/\W+/g, "_");
  const root = join(process.cwd(), FOLDER, `${process.pid}_${slug}`);
  rmSync(root, { recursive: true, force: true });
  mkdirSync(join(root, "lib"), { recursive: true });
  for (const entry of COPIED) {
    cpSync(join(process.cwd(), "lib", entry), join(root, "lib", entry), {
      recursive: true,
      filter: (from) => !from.endsWith(".test.ts"),
    });
  }
  symlinkSync(join(process.cwd(), "lib/generated"), join(root, "lib/generated"));
  // Gives the copy its own pool: the original stores its pool in a global, which both would share.
  const pool = { file: "lib/db.ts", out: "store.rollcallDatabase ??= connect(env().databaseUrl);" };
  plant(root, { ...pool, in: "own ??= connect(env().databaseUrl);" });
  plant(root, { file: "lib/db.ts", out: "  return store.rollcallDatabase;", in: "  return own;" });
  plant(root, {
    file: "lib/db.ts",
    out: "function connect(",
    in: "let own: Database | undefined;\n\nfunction connect(",
  });
  for (const edit of edits) plant(root, edit);
  const subject = await loadSubject(name, root);
  return {
    ...subject,
    schema,
    close: async () => {
      await subject.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
