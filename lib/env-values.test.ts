import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { isPlaceholder, repairPem, repairPems, withoutSurroundings } from "./env-values";

test.each([
  "pk_test_xxxxxxxx",
  "sk_test_...",
  "sk_live_…",
  "whsec_<secret>",
  "whsec_your_signing_secret",
  "your_secret_key",
  "YOUR_PUBLISHABLE_KEY",
  "CHANGE_ME",
  "changeme",
  "replace-with-your-key",
  "%CLERK_SECRET_KEY%",
  "todo",
  "postgresql://user:password@host:5432/database",
  "postgresql://johndoe:randompassword@localhost:5432/mydb",
  "postgresql://app:<password>@db.internal/app",
  "https://your-app.com",
])("isPlaceholder is true for the value %s", (value) => {
  expect(isPlaceholder(value)).toBe(true);
});

test.each([
  "sk_live_aXXXXb...c",
  "sk_live_todoIsNotMyYourChangeMeKey",
  "whsec_c2VjcmV0eHh4eHh4eHh4eHh4eHh4eHg=",
  "postgresql://your_app:pl4ceholder@db.internal/replace_orders",
  "postgresql://user:password@localhost:5432/app",
  "postgresql://app:secret@db.internal/app",
  "postgresql://app:s3cret@db.internal/example?options=-c%20x%3D<y>",
  "https://example-keys.io",
  "https://todo.acme.dev",
  '{"kty":"RSA","n":"abc","e":"AQAB"}',
])("isPlaceholder is false for the value %s", (value) => {
  expect(isPlaceholder(value)).toBe(false);
});

const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pem = publicKey.export({ type: "spki", format: "pem" }).toString().trim();
const pkcs1 = publicKey.export({ type: "pkcs1", format: "pem" }).toString().trim();
const bare = pem.split("\n").slice(1, -1).join("");

test.each([
  ["untouched", pem, pem],
  ["with \\n written out", pem.replaceAll("\n", "\\n"), pem],
  ["with \\r\\n written out twice", pem.replaceAll("\n", "\\\\r\\\\n"), pem],
  ["with Windows line ends", pem.replaceAll("\n", "\r\n"), pem],
  ["in double quotes", `"${pem}"`, pem],
  ["in single quotes", `'${pem.replaceAll("\n", "\\n")}'`, pem],
  ["on one line, with spaces", pem.replaceAll("\n", " "), pem],
  ["on one line, with nothing", pem.replaceAll("\n", ""), pem],
  ["indented", pem.replaceAll(/^/gm, "    "), pem],
  ["without its first and last line", bare, pem],
  ["without its last line", pem.split("\n").slice(0, -1).join("\n"), pem],
  ["as base64 of the whole", Buffer.from(pem).toString("base64"), pem],
  ["of PKCS #1", pkcs1.replaceAll("\n", " "), pkcs1],
])("repairPem restores a key %s", (_name, damaged, expected) => {
  expect(repairPem(damaged)).toBe(expected);
});

test.each(["-----BEGIN PUBLIC KEY-----nonsense", "MIIB", "", bare.replace("A", "*")])(
  "repairPem returns the damaged key %.40s unchanged",
  (value) => expect(repairPem(value)).toBe(value),
);

const second = generateKeyPairSync("rsa", { modulusLength: 2048 })
  .publicKey.export({ type: "spki", format: "pem" })
  .toString()
  .trim();
const secondBare = second.split("\n").slice(1, -1).join("");
const base64 = (text: string) => Buffer.from(text).toString("base64");

test.each([
  ["one after the other", `${pem}\n${second}`],
  ["on one line", `${pem}${second}`.replaceAll("\n", "")],
  ["with \\n written out, in quotes", `"${`${pem}\n${second}\n`.replaceAll("\n", "\\n")}"`],
  ["separated by a comma", `${pem},${second}`],
  ["separated by a semicolon, each in quotes", `"${pem}"; "${second}"`],
  ["without their first and last lines", `${bare}, ${secondBare}`],
  ["as base64 of the whole", base64(`${pem}\n${second}\n`)],
  ["as base64 of each", `${base64(pem)},${base64(second)}`],
  ["with one of them twice", `${pem}\n${second}\n${pem}`],
])("repairPems returns both keys of a list %s", (_name, list) => {
  expect(repairPems(list)).toEqual([pem, second]);
});

test("repairPems keeps a part of a list that is not a key, so that the parser refuses it", () => {
  expect(repairPems(`${pem},nonsense`)).toEqual([pem, "nonsense"]);
});

test.each([
  ["a written-out line break", "sk_live_abc\\n"],
  ["a line break of Windows", "sk_live_abc\\r\\n\r\n"],
  ["a semicolon", "'sk_live_abc';"],
  ["typographic quotes", "“sk_live_abc”"],
  ["its own name", "CLERK_SECRET_KEY=sk_live_abc"],
  ["the whole line of a shell", ' export CLERK_SECRET_KEY="sk_live_abc"\n'],
])("withoutSurroundings removes %s from a value", (_name, value) => {
  expect(withoutSurroundings(value, "CLERK_SECRET_KEY")).toBe("sk_live_abc");
});

test.each(["CLERK_OTHER_KEY=sk_live_abc", "sk_live_CLERK_SECRET_KEY=abc", 'a"b'])(
  "withoutSurroundings returns %s unchanged",
  (value) => {
    expect(withoutSurroundings(value, "CLERK_SECRET_KEY")).toBe(value);
  },
);

test("repairPems restores a PKCS#1 key without its first and last line, and a URL-encoded key", () => {
  const rsa = String(publicKey.export({ type: "pkcs1", format: "pem" })).trim();
  expect(repairPems(rsa.replaceAll(/-----.*-----/g, ""))).toEqual([rsa]);
  expect(repairPems(encodeURIComponent(pem))).toEqual([pem]);
});
