import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeStackFile } from "@/dev/run/stack-file";
import { loadDevStack } from "./dev-stack";

const FILE = ".rollcall/dev-stack.json";
const stack = { CLERK_SECRET_KEY: "sk_live_local", DATABASE_URL: "postgresql://127.0.0.1/dev" };
const before = { ...process.env };
const root = process.cwd();
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-dev-stack-"));
  process.chdir(folder);
  mkdirSync(".rollcall");
  for (const name of [...Object.keys(stack), "NODE_ENV"]) delete process.env[name];
});
afterEach(() => {
  process.chdir(root);
  process.env = { ...before };
  rmSync(folder, { recursive: true });
});

test("a command without settings uses the variables of a running npm run dev, until npm run dev ends", () => {
  const remove = writeStackFile(FILE, "http://localhost:3000", stack);
  Object.assign(process.env, { DATABASE_URL: "", PGSSLMODE: "require", PGOPTIONS: "-c a=b" });
  expect(loadDevStack()).toBe("http://localhost:3000");
  expect(process.env).toMatchObject(stack);
  expect([process.env.PGSSLMODE, process.env.PGOPTIONS]).toEqual([undefined, undefined]);
  remove();
  delete process.env.DATABASE_URL;
  expect(loadDevStack()).toBeNull();
});

test.each([
  ["CLERK_SECRET_KEY", "sk_live_production"],
  ["DATABASE_URL", "postgresql://db.test/production"],
  ["NODE_ENV", "production"],
])("a command with %s=%s uses no variable of a running npm run dev", (name, value) => {
  writeStackFile(FILE, "http://localhost:3000", stack);
  Object.assign(process.env, { [name]: value });
  expect(loadDevStack()).toBeNull();
  expect(Object.keys(stack).filter((each) => each !== name && process.env[each])).toEqual([]);
});

test("a command does not use the variables of an npm run dev that was killed", () => {
  const { pid } = process;
  Object.defineProperty(process, "pid", { value: 999_999_999, configurable: true });
  writeStackFile(FILE, "http://localhost:3000", stack);
  Object.defineProperty(process, "pid", { value: pid, configurable: true });
  expect(loadDevStack()).toBeNull();
});
