/**
 * `npm run graphql:documents`: collects the operations in `graphql(…)` calls of pages and components into
 * `trusted-documents.json`, keyed by the SHA-256 of their text as Apollo Client sends it. Parses the sources without running them.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { InMemoryCache } from "@apollo/client";
import {
  type DefinitionNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  visit,
} from "graphql";
import ts from "typescript";
import { canonicalText } from "../document-id";
import { isProgram, runCommand } from "./run";

const SOURCES = ["app", "components"];

/** Returns the first argument of each `graphql(…)` call in a source file. */
function textsIn(file: string, source: string): string[] {
  const texts: string[] = [];
  const visitNode = (node: ts.Node): void => {
    const isCall = ts.isCallExpression(node) && node.expression.getText(tree) === "graphql";
    const text = isCall ? node.arguments[0] : undefined;
    if (text && ts.isStringLiteralLike(text)) texts.push(text.text);
    ts.forEachChild(node, visitNode);
  };
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  visitNode(tree);
  return texts;
}

function spreadsIn(definition: DefinitionNode): string[] {
  const names: string[] = [];
  visit(definition, {
    enter(node) {
      if (node.kind === Kind.FRAGMENT_SPREAD) names.push(node.name.value);
    },
  });
  return names;
}

/** Returns an operation, followed by all fragments that it uses, directly or through other fragments. */
function withFragments(
  operation: OperationDefinitionNode,
  fragments: Map<string, FragmentDefinitionNode>,
): DefinitionNode[] {
  const reached = new Map<string, DefinitionNode>();
  const reach = (definition: DefinitionNode): void => {
    for (const name of spreadsIn(definition)) {
      const fragment = fragments.get(name);
      if (!fragment) throw new Error(`There is no fragment ${name}.`);
      if (reached.has(name)) continue;
      reached.set(name, fragment);
      reach(fragment);
    }
  };
  reach(operation);
  return [operation, ...reached.values()];
}

/**
 * Returns an object that maps the hash of each operation to its text, sorted by hash. @throws Error if a fragment is missing, or
 * two fragments have the same name.
 */
export function collectDocuments(
  sources: { file: string; source: string }[],
): Record<string, string> {
  const operations: OperationDefinitionNode[] = [];
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const { file, source } of sources) {
    for (const definition of textsIn(file, source).flatMap((text) => parse(text).definitions)) {
      if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
      if (definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
      const name = definition.name.value;
      if (fragments.has(name))
        throw new Error(`Two fragments are called ${name}: rename the one in ${file}.`);
      fragments.set(name, definition);
    }
  }
  const cache = new InMemoryCache();
  const texts = operations.map((operation) => {
    const definitions = withFragments(operation, fragments);
    return canonicalText(cache.transformDocument({ kind: Kind.DOCUMENT, definitions }));
  });
  const entries = texts.map((text) => [createHash("sha256").update(text).digest("hex"), text]);
  return Object.fromEntries(entries.sort());
}

/** Like {@link collectDocuments}, for all TypeScript files in these folders. */
export function documentsIn(folders: string[]): Record<string, string> {
  const files = folders
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => join(folder, file)),
    )
    .filter((file) => /\.tsx?$/.test(file));
  return collectDocuments(files.map((file) => ({ file, source: readFileSync(file, "utf8") })));
}

export function documentsOfThisBuild(): string {
  return `${JSON.stringify(documentsIn(SOURCES), null, 2)}\n`;
}

if (isProgram(import.meta.filename)) {
  const file = new URL("../graphql/trusted-documents.json", import.meta.url);
  await runCommand(() => writeFileSync(file, documentsOfThisBuild()), { needsEnv: false });
}
