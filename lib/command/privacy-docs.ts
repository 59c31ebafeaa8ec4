/** `npm run privacy:docs`: writes the registry of personal data into docs/privacy.md, below the heading "Tables". */
import { readFileSync, writeFileSync } from "node:fs";
import { privacyMarkdown } from "../erasure/privacy-table";
import { runCommand } from "./run";

const HEADING = "\n## Tables\n";

await runCommand(
  () => {
    const file = new URL("../../docs/privacy.md", import.meta.url);
    const text = readFileSync(file, "utf8");
    const intro = text.slice(0, text.indexOf(HEADING) + HEADING.length);
    writeFileSync(file, `${intro}\n${privacyMarkdown()}\n`);
  },
  { needsEnv: false },
);
