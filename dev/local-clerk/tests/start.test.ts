import { readFileSync, statSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { controlClient } from "../control/client";
import { readSeed } from "../simulation/seed";
import { startLocalClerk } from "../start";
import {
  eventually,
  type Receiver,
  startClerkFor,
  startReceiver,
  temporaryFolder,
} from "../testing/site";

let folder: ReturnType<typeof temporaryFolder>;
let receiver: Receiver;

beforeEach(async () => {
  folder = temporaryFolder();
  receiver = await startReceiver();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await receiver.close();
  folder.remove();
});

test("keys and people are the same after a restart, and the seed is sown once", async () => {
  const { clerk: first } = await startClerkFor(receiver, folder.path);
  await controlClient(first.url).users.create({ emailAddress: "kept@example.com" });
  await first.close();
  const { clerk: second } = await startClerkFor(receiver, folder.path);
  expect(second.keys).toEqual(first.keys);
  const overview = await controlClient(second.url).overview();
  expect(overview.peopleCount).toBe(8);
  expect(overview.people.map((person) => person.email)).toContain("kept@example.com");
  await second.close();
});

test("time goes on from where it was after a restart, and after a reset", async () => {
  const dayMs = 86_400_000;
  const { clerk: first } = await startClerkFor(receiver, folder.path);
  const { now } = await controlClient(first.url).clock.advance(9 * dayMs);
  await controlClient(first.url).reset();
  await first.close();
  const { clerk: second } = await startClerkFor(receiver, folder.path);
  expect((await controlClient(second.url).overview()).now).toBeGreaterThanOrEqual(now);
  const later = await controlClient(second.url).clock.advance(1);
  await second.close();
  const { clerk: third } = await startClerkFor(receiver, folder.path);
  const after = (await controlClient(third.url).overview()).now;
  expect(after).toBeGreaterThanOrEqual(later.now);
  expect(after).toBeLessThan(Date.now() + 9 * dayMs + 60_000);
  await third.close();
});

test("another seed may be given; one that cannot be used is named", async () => {
  const seed = join(folder.path, "own.json");
  const own = {
    password: "a-quiet-Harbour-41",
    people: [{ email: "ada@example.com", firstName: "Ada", lastName: "Byron", note: "alone" }],
    organizations: [
      { name: "Engines", slug: "engines", createdBy: "ada@example.com", members: [] },
    ],
  };
  writeFileSync(seed, JSON.stringify(own));
  const options = { port: 0, dataDir: join(folder.path, "data"), appUrl: receiver.url, seed };
  const clerk = await startLocalClerk(options);
  expect([clerk.password, clerk.people]).toEqual([
    own.password,
    [{ email: "ada@example.com", name: "Ada Byron", note: "alone" }],
  ]);
  const { organizationsCount } = await controlClient(clerk.url).overview();
  expect(organizationsCount).toBe(1);
  await clerk.close();
  const stranger = { ...own, people: [] };
  for (const [text, why] of [
    ["{}", "password"],
    ["{", "Expected property name"],
    [JSON.stringify(stranger), "organizations.0: nobody among the people is ada@example.com"],
  ] as const) {
    writeFileSync(seed, text);
    const said = `the seed ${seed} cannot be used: ${why}`;
    await expect(startLocalClerk(options)).rejects.toThrow(said);
  }
});

test("secrets are readable by their owner only", async () => {
  const { clerk } = await startClerkFor(receiver, folder.path);
  for (const name of ["keys.json", "journal.ndjson"]) {
    expect(statSync(join(folder.path, name)).mode & 0o077).toBe(0);
  }
  await clerk.close();
});

test("the seed's events are sent, and again after a reset", async () => {
  const { clerk } = await startClerkFor(receiver, folder.path);
  const count = 7 + 2 + 6;
  await eventually(() => receiver.received.length === count);
  await controlClient(clerk.url).users.create({ emailAddress: "gone@example.com" });
  await eventually(() => receiver.received.length === count + 1);
  await controlClient(clerk.url).webhooks.pause();
  await controlClient(clerk.url).reset();
  await eventually(() => receiver.received.length === 2 * count + 1);
  expect((await controlClient(clerk.url).overview()).peopleCount).toBe(7);
  await clerk.close();
});

test("a second start on the same data or the same port says so", async () => {
  const { clerk } = await startClerkFor(receiver, folder.path);
  await expect(startClerkFor(receiver, folder.path)).rejects.toThrow(/is in use by process/);
  const other = temporaryFolder();
  const port = Number(new URL(clerk.url).port);
  const options = { port, dataDir: other.path, appUrl: receiver.url };
  await expect(startLocalClerk(options)).rejects.toThrow(/port \d+ is taken/);
  await clerk.close();
  other.remove();
});

test("it listens on 127.0.0.1 and on no other address of this machine", async () => {
  const { clerk } = await startClerkFor(receiver, folder.path);
  const { port, hostname } = new URL(clerk.url);
  expect(hostname).toBe("127.0.0.1");
  // What listens on all addresses answers here as well.
  await expect(fetch(`http://127.0.0.2:${port}/__clerk/dev`)).rejects.toThrow("fetch failed");
  await clerk.close();
});

test("the README describes every field of a seed, and no other", () => {
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
  collect(readSeed());
  expect([...described].sort()).toEqual([...fields].sort());
});

test("it refuses production unless asked by name", async () => {
  vi.stubEnv("NODE_ENV", "production");
  await expect(startClerkFor(receiver, folder.path)).rejects.toThrow(/refuses to start/);
  vi.stubEnv("LOCAL_CLERK", "allow-in-production");
  const { clerk } = await startClerkFor(receiver, folder.path);
  await clerk.close();
});

/** As a page does whose own name was made to lead here: fetch would name the address. */
function statusFor(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on("error", reject);
  });
}

test("only this machine may ask, by the Host it names; only its own page may pull a lever", async () => {
  const { clerk } = await startClerkFor(receiver, folder.path);
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
  const lever = `${clerk.url}/__clerk/dev/reset`;
  expect((await fetch(lever, { method: "POST", headers })).status).toBe(403);
  const page = await fetch(`${clerk.url}/__clerk/dev`);
  expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(await page.text()).not.toMatch(/https?:\/\//);
  await clerk.close();
});
