import { expect, test } from "vitest";
import { waitForApp } from "./wait-for-app";

test("while no app answers, waitForApp logs one line with the address and the options that change it", async () => {
  const lines: string[] = [];
  let calls = 0;
  await waitForApp("http://127.0.0.1:9/api/webhooks", {
    forMs: 60_000,
    warnAfterMs: 0,
    isCancelled: () => {
      calls += 1;
      return calls > 2;
    },
    log: (line) => lines.push(line),
  });
  expect(lines).toEqual([
    expect.stringMatching(
      /^Local Clerk: nothing answers at http:\/\/127\.0\.0\.1:9\/api\/webhooks .*--app-url and --webhook-path\.$/,
    ),
  ]);
});
