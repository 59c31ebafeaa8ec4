import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect, test, vi } from "vitest";
import { controlClient } from "./control/client";
import { startLocalClerk } from "./start";
import { startReceiver } from "./testing/receiver";
import { backendClient } from "./testing/site";
import { temporaryFolder } from "./testing/temporary-folder";
import { waitUntil } from "./testing/wait-until";

test("two local Clerks run in one process, each with its own keys, users and webhooks", async () => {
  const receivers = [await startReceiver(), await startReceiver()];
  const clerks = await Promise.all(
    receivers.map(({ url }) => startLocalClerk({ appUrl: url, webhookPath: "/hooks" })),
  );
  const [first, second] = clerks;
  if (!first || !second) throw new Error("Both should have started.");
  expect(first.url).not.toBe(second.url);
  expect(first.keys.secretKey).not.toBe(second.keys.secretKey);

  await Promise.all(
    clerks.map((clerk, place) =>
      controlClient(clerk.url).users.create({ emailAddress: `only-${place}@example.com` }),
    ),
  );
  const emailsOf = async (clerk: typeof first) =>
    (await backendClient(clerk).users.getUserList({ query: "only-" })).data.map(
      (user) => user.emailAddresses[0]?.emailAddress,
    );
  expect(await Promise.all(clerks.map(emailsOf))).toEqual([
    ["only-0@example.com"],
    ["only-1@example.com"],
  ]);
  await expect(backendClient(first, second.keys.secretKey).users.getCount()).rejects.toThrow();

  for (const [place, { received }] of receivers.entries()) {
    const own = `only-${place}@example.com`;
    await waitUntil(() => received.some(({ body }) => body.includes(own)));
    expect(received.some(({ body }) => body.includes(`only-${1 - place}@example.com`))).toBe(false);
  }
  await Promise.all([...clerks, ...receivers].map((each) => each.close()));
});

test("the publishable key is the same after a restart, and differs for another data folder or another port of the app", async () => {
  const folder = temporaryFolder();
  const keyOf = async (name: string, appUrl: string) => {
    const clerk = await startLocalClerk({ dataDir: `${folder.path}/${name}`, appUrl });
    await clerk.close();
    return clerk.keys.publishableKey;
  };
  const first = await keyOf("one", "http://localhost:3000");
  expect(first).toMatch(/^pk_live_[A-Za-z0-9]+$/);
  expect(await keyOf("one", "http://localhost:3000")).toBe(first);
  expect(await keyOf("one", "http://localhost:3010")).not.toBe(first);
  expect(await keyOf("two", "http://localhost:3000")).not.toBe(first);
  folder.remove();
});

test("without a data folder, the local Clerk creates a temporary folder and deletes it on close", async () => {
  const folder = temporaryFolder();
  vi.stubEnv("TMPDIR", folder.path);
  expect(tmpdir()).toBe(folder.path);
  const clerk = await startLocalClerk();
  expect(readdirSync(folder.path)).toHaveLength(1);
  await clerk.close();
  expect(readdirSync(folder.path)).toEqual([]);

  const taken = await startLocalClerk({ dataDir: `${folder.path}/kept` });
  const port = Number(new URL(taken.url).port);
  await expect(startLocalClerk({ port })).rejects.toThrow(`port ${port} is taken`);
  await taken.close();
  expect(readdirSync(folder.path)).toEqual(["kept"]);
  expect(existsSync(`${folder.path}/kept/keys.json`)).toBe(true);
  vi.unstubAllEnvs();
  folder.remove();
});

test("startLocalClerk accepts a seed as an object", async () => {
  const person = { email: "ada@example.com", firstName: "Ada", lastName: "Byron", note: "" };
  const seed = { password: "a-quiet-Harbour-41", users: [person], organizations: [] };
  const clerk = await startLocalClerk({ seed });
  expect(clerk.users).toEqual([{ email: "ada@example.com", name: "Ada Byron", note: "" }]);
  await clerk.close();
  await expect(startLocalClerk({ seed: { ...seed, password: "short" } })).rejects.toThrow(
    "the seed cannot be used: password",
  );
});
