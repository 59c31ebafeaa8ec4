/** Tests the data archive of a user (a zip file), downloaded through its route from a real database. */
import { beforeAll, describe, expect, test } from "vitest";
import { GET, HEAD } from "@/app/api/account/archive/route";
import { archiveRequest, rowsOf, unzip } from "@/dev/testing/archive";
import { clerkId, event, userJson } from "@/dev/testing/clerk-payloads";
import { deliver, mirrorUser } from "@/dev/testing/mirror";
import { makeSocialData } from "@/dev/testing/social"; // part of the sample product
import { registry } from "../erasure/registry";
import { leftOut, personalTables } from "./personal-tables";

async function archiveOf(sub: string): Promise<Map<string, string>> {
  const response = await GET(archiveRequest({ sub }));
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/zip");
  return unzip(Buffer.from(await response.arrayBuffer()));
}

describe("the contents of the archive", () => {
  const person = clerkId("user");
  const other = clerkId("user");
  let files = new Map<string, string>();

  beforeAll(async () => {
    await mirrorUser(other, { first_name: "Olga", private_metadata: { note: "other-note" } });
    await mirrorUser(person, {
      first_name: "<b>Ada</b>",
      private_metadata: { note: "team-note" },
    });
    await makeSocialData(person, "archived_ada"); // part of the sample product
    await deliver(
      event(
        "user.updated",
        userJson({ id: person, first_name: "<b>Ada</b>", updated_at: Date.now() }),
      ),
    );
    files = await archiveOf(person);
  });

  test("the data archive has a JSON file for every table in personalTables, with the user's rows", () => {
    for (const name of Object.keys(personalTables))
      expect(files.has(`data/${name}.json`)).toBe(true);
    expect(rowsOf(files, "users")).toMatchObject([{ id: person, first_name: "<b>Ada</b>" }]);
    expect(rowsOf(files, "deliveries").length).toBeGreaterThanOrEqual(2);
    expect(rowsOf(files, "deliveries")[0]).toMatchObject({ body: { data: { id: person } } });
    expect(rowsOf(files, "audit_log")).toMatchObject([
      { actor: person, action: "account.archive" },
    ]);
  });

  test("the data archive's index.html names each table and escapes text that users wrote", () => {
    const page = files.get("index.html") ?? "";
    expect(page).toContain("&lt;b&gt;Ada");
    expect(page).not.toContain("<b>Ada");
    expect(page).toContain('href="data/users.json"');
    for (const { title } of Object.values(personalTables)) expect(page).toContain(title);
  });

  test("the data archive contains no data of other users and no private metadata", () => {
    const text = [...files.values()].join("\n");
    expect(text).not.toContain(other);
    expect(text).not.toContain("team-note");
    const ids = new Set(text.match(/user_[A-Za-z0-9]{20,}/g));
    expect([...ids]).toEqual([person]);
  });
});

test("each table with rows of users, according to the registry, is listed in personalTables or in leftOut", () => {
  const withUsers = registry.filter(({ user }) => user !== undefined).map(({ table }) => table);
  const decided = [...Object.keys(personalTables), ...Object.keys(leftOut)];
  expect(decided.sort()).toEqual(withUsers.sort());
});

test("each column named in personalTables exists in the registry", () => {
  for (const [name, { columns = {}, key }] of Object.entries(personalTables)) {
    const live = Object.keys(registry.find(({ table }) => table === name)?.columns ?? {});
    expect(live).toEqual(expect.arrayContaining([...Object.keys(columns), ...key]));
  }
});

describe("who may download the archive", () => {
  const person = clerkId("user");
  const minutesAgo = (first: number, second = -1) => ({ sub: person, fva: [first, second] });
  const statusOf = async (claims: Record<string, unknown>, headers?: Record<string, string>) => {
    const response = await GET(archiveRequest(claims, headers));
    await response.body?.cancel();
    return response.status;
  };
  beforeAll(() => mirrorUser(person));

  test("the download of the data archive is refused with 403 unless a factor was verified in the last 10 minutes", async () => {
    expect(await statusOf(minutesAgo(9))).toBe(200);
    expect(await statusOf(minutesAgo(11))).toBe(403);
    expect(await statusOf(minutesAgo(-1))).toBe(403);
    expect(await statusOf({ sub: person, fva: undefined })).toBe(403);
    expect(await statusOf({ sub: person, fva: "now" })).toBe(403);
  });

  test("for a user with a second factor, the download of the data archive needs a recent verification of that factor", async () => {
    expect(await statusOf(minutesAgo(0, 11))).toBe(403);
    expect(await statusOf(minutesAgo(11, 0))).toBe(200);
  });

  test("the time since the token was issued counts towards the 10 minutes since a factor was verified", async () => {
    const now = Math.floor(Date.now() / 1000);
    const claims = { ...minutesAgo(8), iat: now - 180, exp: now + 60 };
    expect(await statusOf(claims)).toBe(403);
  });

  test("the 403 response to the download of the data archive has the form that Clerk's useReverification understands", async () => {
    const response = await GET(archiveRequest(minutesAgo(11)));
    expect(await response.json()).toMatchObject({
      clerk_error: {
        type: "forbidden",
        reason: "reverification-error",
        metadata: { reverification: "strict" },
      },
    });
  });

  test("the download of the data archive is refused for a guest, for a request from another site, and in an impersonated session", async () => {
    const guest = await GET(new Request("https://rollcall.test/api/account/archive"));
    expect(guest.status).toBe(401);
    expect(await statusOf(minutesAgo(0), { "sec-fetch-site": "cross-site" })).toBe(403);
    expect(await statusOf({ ...minutesAgo(0), act: { sub: "user_support" } })).toBe(403);
  });

  test("a second download of the data archive gets 429 until the first has ended, and a HEAD request counts as no download", async () => {
    const head = new Request(archiveRequest(minutesAgo(0)), { method: "HEAD" });
    expect((await HEAD(head)).status).toBe(200);
    const first = await GET(archiveRequest(minutesAgo(0)));
    expect(await statusOf(minutesAgo(0))).toBe(429);
    await first.arrayBuffer();
    expect(await statusOf(minutesAgo(0))).toBe(200);
  });
});
