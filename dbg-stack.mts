import setup from "./e2e/stack";
import { writeFileSync } from "node:fs";
const stop = await setup();
writeFileSync("/tmp/stack.json", process.env.ROLLCALL_STACK!);
process.on("SIGTERM", async () => { await stop().catch((e) => console.error(String(e))); process.exit(0); });
setInterval(() => {}, 1000);
