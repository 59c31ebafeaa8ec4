/** Runs the example receiver in docs/change-feed.md, with only the port changed. */
import { spawn } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { findFreePort } from "@/dev/ports";
import { send } from "./send";
import { createSecret } from "./signature";

const page = readFileSync("docs/change-feed.md", "utf8");
const example = /```js\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
const port = await findFreePort();
const secret = createSecret();

// The file is inside the repository, so that Node finds the svix library.
const file = join("node_modules", `.feed-receiver-${process.pid}.mjs`);
writeFileSync(file, example.replace("4000", String(port)));
const receiver = spawn(process.execPath, [file], {
  env: { ...process.env, FEED_SECRET: secret },
  stdio: ["ignore", "pipe", "inherit"],
});
afterAll(() => {
  receiver.kill();
  rmSync(file);
});

test("the documented receiver has at most 15 lines, accepts a genuine message and refuses a forged one", async () => {
  expect(example.trimEnd().split("\n").length).toBeLessThanOrEqual(15);
  let output = "";
  receiver.stdout.on("data", (chunk) => {
    output += String(chunk);
  });
  const target = {
    url: `http://127.0.0.1:${port}/`,
    secrets: [secret],
    allowsPrivateAddress: true,
  };
  const message = {
    id: "feed:crm:user_1:created",
    body: '{"type":"user.created","data":{"changed":[]}}',
  };
  await vi.waitFor(
    async () => expect(await send(target, message)).toEqual({ outcome: "accepted", status: 204 }),
    { timeout: 10_000, interval: 100 },
  );
  await vi.waitFor(() => expect(output).toContain("feed:crm:user_1:created user.created []"));
  expect(await send({ ...target, secrets: [createSecret()] }, message)).toMatchObject({
    outcome: "failed",
    code: "HTTP_400",
  });
});
