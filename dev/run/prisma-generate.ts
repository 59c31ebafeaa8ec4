/** Runs `prisma generate` when the generated client is missing or older than its inputs. */
import { execFile } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { UserError } from "../../lib/errors";

export async function generateClient(root: string): Promise<boolean> {
  const results = ["lib/generated/prisma/client.ts", "lib/generated/pothos.ts"];
  const sources = ["prisma/schema.prisma", "prisma.config.ts", "node_modules/.package-lock.json"];
  const changedAt = (file: string) => (existsSync(file) ? statSync(file).mtimeMs : 0);
  const newest = Math.max(...sources.map((file) => changedAt(join(root, file))));
  const oldest = Math.min(...results.map((file) => changedAt(join(root, file))));
  if (oldest >= newest) return false;

  const prisma = dirname(createRequire(import.meta.url).resolve("prisma/package.json"));
  const bin = join(prisma, "build/index.js");
  // Prisma runs generators that are executables of installed packages. Only npm adds the folder of these executables to PATH.
  const path = [join(root, "node_modules/.bin"), process.env.PATH].join(delimiter);
  const env = { ...process.env, PATH: path };
  try {
    await promisify(execFile)(process.execPath, [bin, "generate", "--no-hints"], {
      cwd: root,
      env,
    });
    return true;
  } catch (error) {
    const output = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
    throw new UserError(`prisma generate failed:\n${output}`, {
      cause: error,
    });
  }
}
