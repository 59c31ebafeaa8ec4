// Runs after `npm pack` and removes `dist/` and `vendor/`. If `vendor/` stayed, its scripts would be served in place of newer
// packages in node_modules.

import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

for (const folder of ["dist", "vendor"]) {
  rmSync(fileURLToPath(new URL(`../${folder}`, import.meta.url)), { recursive: true, force: true });
}
