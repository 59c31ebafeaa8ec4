/**
 * Checks that the pages of members and of the console stay on the screen during an outage: they read their data inside
 * `drawOrReport` (`lib/query/draw-or-report.ts`). An error outside of it replaces what is shown with an error page.
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../app/(session)/", import.meta.url));

/** The functions that read the database. */
const READS = /^(query|requireViewer|requireAdmin)$/;
/** The functions that catch an error of their argument. */
const CATCHES = /^(drawOrReport|titleOr)$/;
/** React renders a component, and Next calls `generateMetadata`, so no caller of ours can catch their errors. */
const RENDERED = /^([A-Z]\w*|generateMetadata)$/;

/** These pages show no data of the database: one always redirects, the other is the console's not-found page. */
const withoutData = ["(member)/org/page.tsx", "admin/[...unknown]/page.tsx"];

const calledName = (node: ts.Node) =>
  ts.isCallExpression(node) && ts.isIdentifier(node.expression) ? node.expression.text : "";

/** Returns the names of the components in `text` that read the database outside of `drawOrReport`, also through a helper. */
function unguardedIn(text: string): string[] {
  const file = ts.createSourceFile(
    "page.tsx",
    text,
    ts.ScriptTarget.Latest,
    true,
    ts.ScriptKind.TSX,
  );
  const readers = new Set<string>();
  const reads = (node: ts.Node): boolean => {
    const name = calledName(node);
    if (CATCHES.test(name)) return false;
    return READS.test(name) || readers.has(name) || (ts.forEachChild(node, reads) ?? false);
  };
  const functions: { name: string; node: ts.Node }[] = [];
  for (const statement of file.statements) {
    if (ts.isFunctionDeclaration(statement))
      functions.push({ name: statement.name?.text ?? "Default", node: statement });
    else if (ts.isVariableStatement(statement))
      for (const node of statement.declarationList.declarations)
        functions.push({ name: node.name.getText(), node });
  }
  // A helper may call a helper further down, so this repeats until no reader is added.
  for (let before = -1; before !== readers.size; ) {
    before = readers.size;
    for (const { name, node } of functions) if (reads(node)) readers.add(name);
  }
  return [...readers].filter((name) => RENDERED.test(name));
}

test("every page for members and admins reads its data where an error keeps what is shown", () => {
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".tsx"),
  );
  expect(files.length).toBeGreaterThan(40);
  const unguarded = files.filter(
    (file) => unguardedIn(readFileSync(`${root}${file}`, "utf8")).length > 0,
  );
  expect(unguarded.sort()).toEqual(withoutData);
});

test.each([
  ["a page", "export default async function Page() { await query({}); return null; }", ["Page"]],
  [
    "a page with a helper",
    "export default async function Page() { await find(); } const find = cache(async () => query({}));",
    ["Page"],
  ],
  [
    "a component beside a guarded page",
    "export default async function Page() { await drawOrReport(async () => query({})); } async function Part() { await query({}); }",
    ["Part"],
  ],
  [
    "the title",
    "export async function generateMetadata() { await requireAdmin(p); }",
    ["generateMetadata"],
  ],
])("unguardedIn reports %s that reads outside of drawOrReport", (_name, text, names) => {
  expect(unguardedIn(text)).toEqual(names);
});

test.each([
  "export default async function Page() { const drawing = await drawOrReport(async () => { await requireAdmin(p); return find(); }); } const find = async () => query({});",
  "export async function generateMetadata() { return { title: await titleOr('User', () => find()) }; } const find = async () => query({});",
  "export default async function Page() { await findSignedInViewer(p); }",
])("unguardedIn does not report %s", (text) => {
  expect(unguardedIn(text)).toEqual([]);
});
