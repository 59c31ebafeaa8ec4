// Finds the methods of clerk-js, and the operations that each method calls, by parsing the minified bundle of clerk-js.
// Identifies each minified class by comparing its members with the type declarations.

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import ts from "typescript";

export type MethodCall = {
  /** The class and method, such as `User.update`. */
  method: string;
  /** The HTTP method and path, such as `PATCH /v1/me`, with `*` for each variable part; null when the path is not a constant. */
  operation: string | null;
};

/** The base paths of classes whose code contains no base path, because the parent resource passes it to them. */
const roots = new Map(
  Object.entries({
    EmailAddress: "/me/email_addresses",
    PhoneNumber: "/me/phone_numbers",
    Web3Wallet: "/me/web3_wallets",
    ExternalAccount: "/me/external_accounts",
    Passkey: "/me/passkeys",
    SessionWithActivities: "/me/sessions",
    OrganizationMembership: "/organizations/*/memberships",
    Session: "/client/sessions",
    SignInFuture: "/client/sign_ins",
    SignUpFuture: "/client/sign_ups",
    DirectorySync: "/organizations/*/enterprise_connections/*/directory",
  }),
);
const hasNoId = new Set(["Environment", "Client", "User"]);

const requests = new Map(
  Object.entries({
    _basePost: "POST",
    __internal_basePost: "POST",
    _basePostBypass: "POST",
    _baseGet: "GET",
    __internal_baseGet: "GET",
    _basePatch: "PATCH",
    __internal_basePatch: "PATCH",
    _basePut: "PUT",
    _baseDelete: "DELETE",
  }),
);

const dist = join(dirname(createRequire(import.meta.url).resolve("@clerk/clerk-js")), ".");

function parse(path: string): ts.SourceFile {
  const kind = path.endsWith(".ts") ? ts.ScriptKind.TS : ts.ScriptKind.JS;
  return ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ESNext, true, kind);
}

function eachNode(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => eachNode(child, visit));
}

const nameOf = (member: ts.ClassElement) =>
  member.name?.getText().replace(/^["']|["']$/g, "") ?? "";
const isPrivate = (name: string) => name === "" || name.startsWith("_") || name.startsWith("#");

/** Returns the public members of each resource class, by class name, from the type declarations. */
function declaredClasses(): Map<string, Set<string>> {
  const files = ["types/core/resources", "types/core/modules"].flatMap((folder) =>
    readdirSync(join(dist, folder), { recursive: true, encoding: "utf8" }).map((file) =>
      join(dist, folder, file),
    ),
  );
  const classes = new Map<string, Set<string>>();
  for (const file of files.filter((each) => each.endsWith(".d.ts"))) {
    eachNode(parse(file), (node) => {
      if (ts.isClassDeclaration(node) && node.name) {
        classes.set(node.name.text, new Set(node.members.map(nameOf)));
      }
    });
  }
  return classes;
}

function closestName(members: Set<string>, declared: Map<string, Set<string>>): string {
  const scored = [...declared].map(([name, known]) => {
    const shared = [...members].filter((each) => known.has(each)).length;
    return { name, score: shared / new Set([...members, ...known]).size };
  });
  return scored.sort((a, b) => b.score - a.score)[0]?.name ?? "";
}

type Scope = { name: string; root: string; constants: ReadonlyMap<string, string> };

/** Returns every public method of every resource, with each operation that the method calls. */
export function clerkJsMethods(): MethodCall[] {
  const declared = declaredClasses();
  const bundle = parse(join(dist, "clerk.no-rhc.mjs"));
  const constants = new Map<string, string>();
  const classes: ts.ClassLikeDeclaration[] = [];
  eachNode(bundle, (node) => {
    if (ts.isClassLike(node)) classes.push(node);
    if (ts.isVariableDeclaration(node) && node.initializer) {
      const { initializer } = node;
      if (ts.isStringLiteral(initializer) && initializer.text.startsWith("/")) {
        constants.set(node.name.getText(), initializer.text);
      }
    }
  });
  return classes
    .flatMap((each) => methodsOf(each, declared, constants))
    .sort((a, b) => a.method.localeCompare(b.method, "en"));
}

function methodsOf(
  node: ts.ClassLikeDeclaration,
  declared: Map<string, Set<string>>,
  bundleConstants: ReadonlyMap<string, string>,
): MethodCall[] {
  const members = node.members.map((member) => ({ member, name: nameOf(member) }));
  const names = new Set(members.map((each) => each.name).filter(Boolean));
  const name = closestName(names, declared);
  if (name === "BaseResource") return [];
  const constants = new Map(bundleConstants);
  for (const { member, name: field } of members) {
    if (!ts.isPropertyDeclaration(member) || !member.initializer) continue;
    const { initializer } = member;
    if (ts.isStringLiteral(initializer)) constants.set(field, initializer.text);
  }
  const root = constants.get("pathRoot") && names.has("pathRoot") ? constants.get("pathRoot") : "";
  const scope = { name, root: root || roots.get(name) || "", constants };
  return members.flatMap(({ member, name: method }) => {
    if (isPrivate(method)) return [];
    const found = new Set<string | null>();
    eachNode(member, (each) => {
      const operation = ts.isCallExpression(each) ? operationOf(each, scope, method) : undefined;
      if (operation !== undefined) found.add(operation);
    });
    return [...found].map((operation) => ({ method: `${name}.${method}`, operation }));
  });
}

function operationOf(
  call: ts.CallExpression,
  scope: Scope,
  method: string,
): string | null | undefined {
  const { expression } = call;
  if (!ts.isPropertyAccessExpression(expression)) return undefined;
  const [options] = call.arguments;
  const fields = new Map<string, ts.Expression>();
  if (options && ts.isObjectLiteralExpression(options)) {
    for (const each of options.properties) {
      if (ts.isPropertyAssignment(each)) fields.set(each.name.getText(), each.initializer);
    }
  }
  const called = expression.name.text;
  const given = fields.get("method");
  if (called === "_fetch" || called === "request") {
    const verb = given && ts.isStringLiteral(given) ? given.text : undefined;
    const path = textOf(fields.get("path"), scope);
    if (!fields.has("path")) return undefined;
    return verb && path !== null ? operation(verb, path) : null;
  }
  const verb = requests.get(called);
  if (!verb) return undefined;
  const action = fields.has("action") ? textOf(fields.get("action"), scope) : "";
  // A resource that is being created has no id yet, so its path is the path of the list.
  const ownPathOf = () => (method === "create" ? scope.root : ownPath(scope, action));
  const path = fields.has("path") ? textOf(fields.get("path"), scope) : ownPathOf();
  return path === null ? null : operation(verb, path);
}

const operation = (verb: string, path: string) =>
  `${verb} /v1${path.replace(/\/+$/, "")}`.replace("/v1/api_keys", "/api_keys");

function ownPath({ name, root }: Scope, action: string | null): string | null {
  if (root === "" || action === null) return null;
  return [root, ...(hasNoId.has(name) ? [] : ["*"]), ...(action ? [action] : [])].join("/");
}

/** Returns the text of a path, with `*` for each variable part; null when the source does not determine it. */
function textOf(node: ts.Expression | undefined, scope: Scope): string | null {
  if (!node) return null;
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    const parts = node.templateSpans.map(
      ({ expression, literal }) => (textOf(expression, scope) ?? "*") + literal.text,
    );
    return node.head.text + parts.join("");
  }
  if (ts.isBinaryExpression(node)) {
    const [left, right] = [textOf(node.left, scope), textOf(node.right, scope)];
    return left === null || right === null ? null : left + right;
  }
  if (ts.isIdentifier(node)) return scope.constants.get(node.text) ?? null;
  if (ts.isPropertyAccessExpression(node)) {
    if (node.name.text === "pathRoot") return scope.root || null;
    return scope.constants.get(node.name.text) ?? null;
  }
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    if (node.expression.name.text !== "path") return null;
    const [action] = node.arguments;
    const text = action ? textOf(action, scope) : "";
    if (text === null) return null;
    // Only billing methods pass a path that begins with a slash. It is relative to the billing path of the user or organization.
    return text.startsWith("/") ? `/me/billing${text}` : ownPath(scope, text);
  }
  return null;
}
