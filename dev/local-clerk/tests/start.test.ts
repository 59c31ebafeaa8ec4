// Starting a local Clerk: what survives a restart, the address it listens on, and refused starts.

import { readFileSync, statSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { afterEach, expect, vi } from "vitest";
import { controlClient } from "../control/client";
import { readSeed } from "../simulation/seed";
import { startLocalClerk } from "../start";
import { seededEvents } from "../testing/seeded";
import { temporaryFolder } from "../testing/temporary-folder";
import { test as siteTest } from "../testing/test";
import { waitUntil } from "../testing/wait-until";

const dayMs = 86_400_000;

const test = siteTest.extend<{ emptyFolder: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of a fixture's needs from here
  emptyFolder: async ({}, use) => {
    const folder = temporaryFolder();
    await use(folder.path);
    folder.remove();
  },
});

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Options of a start that generates its own keys, unlike the `site` fixture, which shares keys between tests. */
const optionsFor = (dataDir: string) => ({ port: 0, dataDir, appUrl: "http://localhost:9" });

test("keys and users are the same after a restart, and the seed is applied once", async ({
  emptyFolder,
}) => {
  const first = await startLocalClerk(optionsFor(emptyFolder));
  await controlClient(first.url).users.create({ emailAddress: "kept@example.com" });
  await first.close();
  const second = await startLocalClerk(optionsFor(emptyFolder));
  expect(second.keys).toEqual(first.keys);
  const overview = await controlClient(second.url).overview();
  expect(overview.usersCount).toBe(8);
  expect(overview.users.map((person) => person.email)).toContain("kept@example.com");
  await second.close();
});

test("the clock does not go back in a restart or a reset", async ({ site }) => {
  const { now } = await site.control.clock.advance(9 * dayMs);
  await site.control.reset();
  await site.restart();
  expect((await site.control.overview()).now).toBeGreaterThanOrEqual(now);
  const later = await site.control.clock.advance(1);
  await site.restart();
  const after = (await site.control.overview()).now;
  expect(after).toBeGreaterThanOrEqual(later.now);
  expect(after).toBeLessThan(Date.now() + 9 * dayMs + 60_000);
});

test("the start reads a seed file at a given path, and refuses an invalid file with an error that contains the path", async ({
  emptyFolder,
}) => {
  const seed = join(emptyFolder, "own.json");
  const own = {
    password: "a-quiet-Harbour-41",
    users: [{ email: "ada@example.com", firstName: "Ada", lastName: "Byron", note: "alone" }],
    organizations: [
      { name: "Engines", slug: "engines", createdBy: "ada@example.com", members: [] },
    ],
  };
  writeFileSync(seed, JSON.stringify(own));
  const options = { ...optionsFor(join(emptyFolder, "data")), seed };
  const clerk = await startLocalClerk(options);
  expect([clerk.password, clerk.users]).toEqual([
    own.password,
    [{ email: "ada@example.com", name: "Ada Byron", note: "alone" }],
  ]);
  const { organizationsCount } = await controlClient(clerk.url).overview();
  expect(organizationsCount).toBe(1);
  await clerk.close();
  const withoutCreator = { ...own, users: [] };
  for (const [text, why] of [
    ["{}", "password"],
    ["{", "Expected property name"],
    [JSON.stringify(withoutCreator), "organizations.0: ada@example.com is not in users"],
  ] as const) {
    writeFileSync(seed, text);
    const message = `the seed ${seed} cannot be used: ${why}`;
    await expect(startLocalClerk(options)).rejects.toThrow(message);
  }
});

test("the local Clerk's files that contain secrets are readable by their owner only", async ({
  emptyFolder,
}) => {
  const clerk = await startLocalClerk(optionsFor(emptyFolder));
  for (const name of ["keys.json", "journal.ndjson"]) {
    expect(statSync(join(emptyFolder, name)).mode & 0o077).toBe(0);
  }
  await clerk.close();
});

test("the webhooks of the seed are sent at the first start, and again after a reset", async ({
  site,
  control,
}) => {
  const { received } = site.receiver;
  await waitUntil(() => received.length === seededEvents);
  await control.users.create({ emailAddress: "gone@example.com" });
  await waitUntil(() => received.length === seededEvents + 1);
  await control.webhooks.pause();
  await control.reset();
  await waitUntil(() => received.length === 2 * seededEvents + 1);
  expect((await control.overview()).usersCount).toBe(7);
});

test("a second start with the same data folder or the same port is refused", async ({
  site,
  clerk,
  emptyFolder,
}) => {
  await expect(startLocalClerk(optionsFor(site.dataDir))).rejects.toThrow(/is in use by process/);
  const port = Number(new URL(clerk.url).port);
  const options = { ...optionsFor(emptyFolder), port };
  await expect(startLocalClerk(options)).rejects.toThrow(/port \d+ is taken/);
});

test("the local Clerk listens on 127.0.0.1 only", async ({ clerk }) => {
  const { port, hostname } = new URL(clerk.url);
  expect(hostname).toBe("127.0.0.1");
  // A server that listens on all addresses would also respond at 127.0.0.2.
  await expect(fetch(`http://127.0.0.2:${port}/__clerk/dev`)).rejects.toThrow("fetch failed");
});

test("the README documents exactly the fields that a seed can have", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const [form = ""] = /\{ "password": [\s\S]*?\n\n/.exec(readme) ?? [];
  const described = new Set([...form.matchAll(/"(\w+)"/g)].map(([, name]) => name));
  const fields = new Set<string>();
  const collect = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(collect);
    else if (typeof node === "object" && node !== null) {
      for (const [name, value] of Object.entries(node)) {
        fields.add(name);
        if (name !== "publicMetadata") collect(value);
      }
    }
  };
  const { exportedUsers, ...ownFields } = readSeed();
  expect(exportedUsers).toEqual([]);
  collect(ownFields);
  expect([...described].sort()).toEqual([...fields].sort());
});

test("a start with NODE_ENV=production is refused unless LOCAL_CLERK allows it", async ({
  emptyFolder,
}) => {
  vi.stubEnv("NODE_ENV", "production");
  const options = optionsFor(emptyFolder);
  await expect(startLocalClerk(options)).rejects.toThrow(/refuses to start/);
  vi.stubEnv("LOCAL_CLERK", "allow-in-production");
  await (await startLocalClerk(options)).close();
});

/** Sends the given Host header, as a page does after DNS rebinding. `fetch` cannot set Host. */
function statusFor(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on("error", reject);
  });
}

test("requests with a foreign Host, and control API calls of a foreign origin, are refused", async ({
  clerk,
}) => {
  const { port } = new URL(clerk.url);
  for (const path of ["/__clerk/dev", "/fapi/v1/environment"]) {
    for (const name of ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example"]) {
      expect(await statusFor(`${clerk.url}${path}`, `${name}:${port}`)).toBe(403);
    }
    for (const name of ["localhost", "127.0.0.1"]) {
      expect(await statusFor(`${clerk.url}${path}`, `${name}:${port}`)).toBe(200);
    }
  }
  const headers = { origin: "http://evil.example" };
  const reset = `${clerk.url}/__clerk/dev/reset`;
  expect((await fetch(reset, { method: "POST", headers })).status).toBe(403);
  const page = await fetch(`${clerk.url}/__clerk/dev`);
  expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(await page.text()).not.toMatch(/https?:\/\//);
});
