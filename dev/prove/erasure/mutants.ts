/**
 * Plants the faults of `mutants.diff` one at a time, and runs the tests that must catch each. A fault replaces lines of a file as
 * Vite loads it, or lines of an SQL function in the test's database, so no file is changed.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createVitest, type TestModule } from "vitest/node";
import { migrate } from "../../../prisma/migrate";
import { createDatabase } from "../../postgres/server";
import { makeKeys } from "../../testing/environment";
import { oldestAndNewest } from "../../testing/postgres-versions";
import { type Edit, plant } from "./plant";

export type ErasureMutant = {
  name: string;
  /** The test files that must catch it. */
  tests: string[];
  /** Edits of files. */
  files: Edit[];
  /** Edits of SQL functions. */
  functions: Edit[];
  statements: string[];
};

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

const linesAfter = (sign: string, lines: string[]) =>
  lines.filter((line) => line.startsWith(sign)).map((line) => line.slice(1));

function parseMutant(text: string): ErasureMutant {
  const [name = "", ...rest] = text.split("\n");
  const mutant: ErasureMutant = { name, tests: [], files: [], functions: [], statements: [] };
  for (const part of rest.join("\n").split(/^(?=lib\/|tests |function |schema$)/m)) {
    const [head = "", ...lines] = part.trimEnd().split("\n");
    const [, kind, target = ""] = /^(tests|function|schema)? ?(.*)$/.exec(head) ?? [];
    if (kind === "tests") mutant.tests.push(...target.split(" "));
    else if (kind === "schema") mutant.statements.push(...linesAfter("+", lines));
    else if (target) {
      const edit = {
        target,
        out: linesAfter("-", lines).join("\n"),
        in: linesAfter("+", lines).join("\n"),
      };
      (kind === "function" ? mutant.functions : mutant.files).push(edit);
    }
  }
  return mutant;
}

export function readErasureMutants(): ErasureMutant[] {
  const text = readFileSync(new URL("./mutants.diff", import.meta.url), "utf8");
  const [, ...mutants] = text.split(/^# /m);
  return mutants.map(parseMutant);
}

export const readSource = (file: string) => readFileSync(`${ROOT}${file}`, "utf8");

/** A Vite plugin that plants the edits of files. */
const planting = ({ files }: ErasureMutant) => ({
  name: "rollcall-mutant",
  enforce: "pre" as const,
  load(id: string) {
    const edits = files.filter(({ target }) => id.split("?")[0] === `${ROOT}${target}`);
    const [first] = edits;
    return first ? edits.reduce(plant, readSource(first.target)) : null;
  },
});

const alias = [
  { find: /^@\//, replacement: ROOT },
  { find: /^graphql$/, replacement: "graphql/index.js" },
];

const keys = makeKeys();

const projectOf = (mutant: ErasureMutant, serverUrl: string) => ({
  root: ROOT,
  resolve: { alias },
  plugins: [planting(mutant)],
  test: {
    name: mutant.name,
    include: mutant.tests,
    provide: {
      serverUrl,
      keys,
      mutantFunctions: mutant.functions,
      mutantStatements: mutant.statements,
    },
    deps: { interopDefault: true },
    setupFiles: ["dev/testing/database-setup.ts", "dev/prove/erasure/plant-schema.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});

const failedIn = (modules: TestModule[]) =>
  modules.flatMap((module) => {
    const failed = [...module.children.allTests("failed")];
    // A file that cannot even be loaded, and a test that was too slow, say nothing about the guard.
    if (module.state() === "failed" && failed.length === 0)
      throw new Error(
        `fault, ${module.project.name}: ${module.relativeModuleId} failed without a failed test: ${module.errors()[0]?.message}`,
      );
    const isTimeout = ({ message }: { message: string }) => / timed out in /.test(message);
    return failed.flatMap((test) => (test.result().errors?.every(isTimeout) ? [] : [test.name]));
  });

/** Runs the tests with each fault. Resolves to true if each was caught, and if nothing fails without a fault. */
export async function testErasureMutants(fault: string): Promise<boolean> {
  const mutants = readErasureMutants().filter(({ name }) => name.includes(fault));
  const tests = [...new Set(mutants.flatMap((mutant) => mutant.tests))];
  const [version] = oldestAndNewest();
  if (!version) throw new Error("there is no Postgres for the tests");
  const postgres = await version.start();
  await migrate(await createDatabase(postgres.url, "migrated"));
  const control = { name: "no fault", tests, files: [], functions: [], statements: [] };
  const vitest = await createVitest(
    "test",
    { config: false, watch: false, reporters: [{}], maxWorkers: 2, root: ROOT },
    {
      root: ROOT,
      test: {
        projects: [control, ...mutants].map((mutant) => projectOf(mutant, postgres.url)),
      },
    },
  );
  try {
    await vitest.start();
    const modules = vitest.state.getTestModules();
    const failures = (name: string) =>
      failedIn(modules.filter(({ project }) => project.name === name));
    const ofControl = failures(control.name);
    console.log(
      `no fault planted in erasures: ${ofControl.length === 0 ? "nothing caught" : `CAUGHT: ${ofControl.join("; ")}`}`,
    );
    let isEachCaught = ofControl.length === 0;
    for (const { name } of mutants) {
      const failed = failures(name);
      isEachCaught &&= failed.length > 0;
      console.log(
        `fault, ${name}: ${failed.length > 0 ? `caught by “${failed[0]}”${failed.length > 1 ? ` and ${failed.length - 1} more` : ""}` : "NOT CAUGHT"}`,
      );
    }
    return isEachCaught;
  } finally {
    await vitest.close();
    await postgres.stop();
    process.exitCode = undefined;
  }
}
