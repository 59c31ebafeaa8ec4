import type { Page } from "@playwright/test";
import {
  appUrl,
  backend,
  bareAppUrl,
  clerk,
  expect,
  newPerson,
  PASSWORD,
  signIn,
  test,
} from "./fixtures";

/** What was promised of a change on another screen, and of what somebody lost. */
const ON_SCREEN_WITHIN_MS = 300;
const LOST_WITHIN_MS = 2_000;

/** Somebody new at a browser of their own. */
async function personAt(page: Page, firstName: string, path: string, role?: "admin") {
  const person = await newPerson(firstName, role && { publicMetadata: { role } });
  await signIn(page, person.email, path, PASSWORD);
  return person;
}

/** Resolves when the stream of this operation is open in the page. */
function streamOf(page: Page, operation: string) {
  return page.waitForResponse(
    (response) =>
      response.url().endsWith("/api/graphql/stream") &&
      response.ok() &&
      response.request().postData()?.includes(operation) === true,
  );
}

/** When the newest message of a type was acknowledged by the app, by the clock of this machine. */
async function acknowledgedAt(type: string, after: number): Promise<number> {
  let at = 0;
  await expect
    .poll(async () => {
      const messages = await clerk.webhooks.messages();
      const message = messages.find((each) => each.type === type && each.createdAt >= after);
      const attempt = message?.attempts.find(({ status }) => status === 200);
      at = attempt ? attempt.at + attempt.tookMs : 0;
      return at;
    })
    .toBeGreaterThan(0);
  return at;
}

test.describe("how soon", () => {
  // A machine that is busy with something else is slow for a while; what is slow itself is slow each time.
  test.describe.configure({ retries: 2 });

  test("a change in Clerk is on another browser's screen by itself, soon after it was acknowledged", async ({
    page,
  }) => {
    const watched = streamOf(page, "HomeViewerChanged");
    const { id } = await personAt(page, "Wren", "/home");
    await expect(page.getByRole("heading", { name: "Wren Amsel" })).toBeVisible();
    await watched;
    const delays: number[] = [];
    for (let change = 0; change < 20; change += 1) {
      const firstName = `Wren the ${change}th`;
      const seen = page.waitForFunction(
        (name) => document.querySelector("h1")?.textContent?.includes(name) && Date.now(),
        firstName,
      );
      const changedAt = Date.now();
      await backend.users.updateUser(id, { firstName });
      const seenAt = Number(await (await seen).jsonValue());
      delays.push(seenAt - (await acknowledgedAt("user.updated", changedAt)));
    }
    const p95 = delays.sort((a, b) => a - b)[18] ?? Number.POSITIVE_INFINITY;
    test.info().annotations.push({ type: "p95", description: `${p95} ms` });
    expect(p95).toBeLessThanOrEqual(ON_SCREEN_WITHIN_MS);
  });
});

test("who joins, and an organization's new name, appear on a member's home by themselves", async ({
  page,
}) => {
  const watched = streamOf(page, "HomeViewerChanged");
  const member = await personAt(page, "Linnet", "/home");
  await watched;
  await expect(page.getByText("You are not in an organization yet")).toBeVisible();
  const name = `Dunlin Bakers ${Date.now()}`;
  const { id } = await backend.organizations.createOrganization({ name, createdBy: member.id });
  const row = page.getByRole("main").getByRole("listitem");
  await expect(row).toContainText(`${name}Admin · 1 member`);
  const other = await newPerson("Siskin");
  await backend.organizations.createOrganizationMembership({
    organizationId: id,
    userId: other.id,
    role: "org:member",
  });
  await expect(row).toContainText("2 members");
  await backend.organizations.updateOrganization(id, { name: `${name} & Sons` });
  await expect(row).toContainText("& Sons");
  await backend.organizations.deleteOrganization(id);
  await expect(page.getByText("You are not in an organization yet")).toBeVisible();
});

for (const [name, pathOf] of [
  ["home", () => "/home"],
  ["the console", (id: string) => `/admin/people/${id}`],
] as const) {
  test(`four windows of ${name} side by side are all live: each holds one of the browser's six connections`, async ({
    page,
    context,
    sql,
  }) => {
    const person = await newPerson("Shearwater", { publicMetadata: { role: "admin" } });
    const path = pathOf(person.id);
    const most = [0, 0, 0, 0];
    const windows = [page];
    while (windows.length < most.length) windows.push(await context.newPage());
    for (const [index, window] of windows.entries()) {
      const streams = new Set<unknown>();
      const close = (request: unknown) => streams.delete(request);
      window.on("requestfinished", close).on("requestfailed", close);
      window.on("request", (request) => {
        if (request.url().endsWith("/api/graphql/stream")) streams.add(request);
        most[index] = Math.max(most[index] ?? 0, streams.size);
      });
      if (window === page) await signIn(page, person.email, path, PASSWORD);
      else await window.goto(path);
    }
    await expect.poll(() => most).toEqual([1, 1, 1, 1]);
    // A change of the row is told, whoever made it: how soon a webhook comes to a busy machine is not asked here.
    await sql("UPDATE users SET first_name = 'Razorbill' WHERE id = $1", [person.id]);
    for (const window of windows) {
      await expect(window.getByRole("heading", { level: 1 })).toHaveText("Razorbill Amsel");
    }
    expect(most).toEqual([1, 1, 1, 1]);
  });
}

test("a flood of changes draws the console at most twice a second, and ends as it is", async ({
  page,
  sql,
}) => {
  const { id, email } = await newPerson("Knot", { publicMetadata: { role: "admin" } });
  const watched = streamOf(page, "ConsoleMirrorChanged");
  await signIn(page, email, `/admin/people/${id}`, PASSWORD);
  await watched;
  let drawings = 0;
  page.on("request", (request) => {
    const { rsc, "next-router-prefetch": prefetch } = request.headers();
    if (rsc !== undefined && prefetch === undefined) drawings += 1;
  });
  const startedAt = Date.now();
  // Faster than Clerk's sender would be: a change of the row is told, whoever made it.
  for (let change = 1; change <= 300; change += 1) {
    await sql("UPDATE users SET first_name = $2 FROM pg_sleep(0.01) WHERE id = $1", [
      id,
      `Knot the ${change}th`,
    ]);
  }
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Knot the 300th Amsel");
  expect(drawings).toBeLessThanOrEqual(Math.ceil((Date.now() - startedAt) / 500) + 1);
});

test("the console shows what arrives, by itself: deliveries, people, organizations, members", async ({
  page,
  context,
}) => {
  const feedHeard = streamOf(page, "ConsoleMirrorChanged");
  const admin = await personAt(page, "Heron", "/admin", "admin");
  await feedHeard;
  const newcomer = await newPerson(`Godwit${Date.now()}`);
  const feed = page.getByRole("table", { name: "Deliveries" });
  await expect(feed).toContainText("user.created");
  await expect(page.getByRole("table", { name: "People" })).toContainText(newcomer.email);

  const people = await context.newPage();
  const heard = streamOf(people, "ConsoleMirrorChanged");
  await people.goto(`${appUrl}/admin/people`);
  await heard;
  const latest = await newPerson(`Dunlin${Date.now()}`);
  await expect(people.getByRole("table")).toContainText(latest.email);
  await backend.users.updateUser(latest.id, { firstName: "Sanderling" });
  await expect(people.getByRole("table")).toContainText("Sanderling");

  const organizations = await context.newPage();
  const watched = streamOf(organizations, "ConsoleMirrorChanged");
  await organizations.goto(`${appUrl}/admin/organizations`);
  await watched;
  const name = `Petrel Looms ${Date.now()}`;
  const { id } = await backend.organizations.createOrganization({ name, createdBy: admin.id });
  await expect(organizations.getByRole("table")).toContainText(name);

  await organizations.getByRole("table").getByRole("link", { name }).click();
  await expect(organizations.getByRole("heading", { name })).toBeVisible();
  await backend.organizations.createOrganizationMembership({
    organizationId: id,
    userId: newcomer.id,
    role: "org:member",
  });
  await expect(organizations.getByRole("table")).toContainText(newcomer.email);
  await backend.organizations.deleteOrganizationMembership({
    organizationId: id,
    userId: newcomer.id,
  });
  await expect(organizations.getByRole("table")).not.toContainText(newcomer.email);
});

test("a switch closes the streams and opens them as the new organization; signing out closes them", async ({
  page,
}) => {
  const opened = new Map<unknown, string>();
  page.on("request", (request) => {
    if (!request.url().endsWith("/api/graphql/stream")) return;
    const [, payload = ""] = (request.headers().authorization ?? "").split(".");
    opened.set(request, JSON.parse(Buffer.from(payload, "base64url").toString()).o?.id ?? "none");
  });
  const close = (request: unknown) => opened.delete(request);
  page.on("requestfinished", close).on("requestfailed", close);
  const open = () => [...new Set(opened.values())];

  const member = await personAt(page, "Avocet", "/home");
  const name = `Curlew Press ${Date.now()}`;
  const { id } = await backend.organizations.createOrganization({ name, createdBy: member.id });
  await expect(page.getByRole("main")).toContainText(name);
  const switcher = page.getByRole("button", { name: /organization switcher/i });
  await page.reload();
  for (const [to, organization] of [
    [name, id],
    ["Personal account", "none"],
    [name, id],
  ] as const) {
    await switcher.click();
    await page.getByRole("dialog").getByRole("button", { name: to }).click();
    await expect(switcher).toContainText(to);
    await expect.poll(open).toEqual([organization]);
  }
  await page.getByRole("button", { name: /user (button|menu)/i }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL((url) => url.pathname === "/");
  await expect.poll(open).toEqual([]);
});

type Stream = { text: () => string; isOver: () => boolean; close(): void };

const bearer = (token: string) => ({
  "content-type": "application/json",
  authorization: `Bearer ${token}`,
});

/** A stream as a phone app would open it: with nothing but the token. */
async function listen(origin: string, token: string, field: string): Promise<Stream> {
  const abort = new AbortController();
  const response = await fetch(`${origin}/api/graphql/stream`, {
    method: "POST",
    headers: { ...bearer(token), accept: "text/event-stream" },
    body: JSON.stringify({ query: `subscription { ${field} }` }),
    signal: abort.signal,
  });
  expect(response.status).toBe(200);
  let text = "";
  let isOver = false;
  const decoder = new TextDecoder();
  (async () => {
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk);
  })()
    .catch(() => undefined)
    .finally(() => {
      isOver = true;
    });
  return { text: () => text, isOver: () => isOver, close: () => abort.abort() };
}

async function ask(origin: string, token: string, query: string) {
  const response = await fetch(`${origin}/api/graphql`, {
    method: "POST",
    headers: bearer(token),
    body: JSON.stringify({ query }),
  });
  return { status: response.status, body: await response.text() };
}

/** A token of this browser's session, good for a minute. */
async function tokenOf(page: Page): Promise<string> {
  const cookies = await page.context().cookies();
  const session = cookies.find(({ name }) => name === "__session");
  expect(session).toBeDefined();
  return session?.value ?? "";
}

/** Until it is so; resolves to how long after `since` that was. */
async function whenSo(since: number, check: () => Promise<boolean> | boolean): Promise<number> {
  await expect.poll(check, { intervals: [20] }).toBe(true);
  return Date.now() - since;
}

test("two processes on one database both tell what one of them was told", async ({ page }) => {
  const { id } = await personAt(page, "Dotterel", "/home");
  const token = await tokenOf(page);
  const field = "viewerChanged { viewer { firstName } }";
  const streams = await Promise.all(
    [appUrl, bareAppUrl].map((origin) => listen(origin, token, field)),
  );
  await backend.users.updateUser(id, { firstName: "Phalarope" });
  for (const stream of streams) await expect.poll(stream.text).toContain("Phalarope");
  for (const stream of streams) stream.close();
});

type Loss = {
  type: string;
  lose: (person: { id: string; sessionId: string }) => Promise<unknown>;
};

/** Everybody who loses all: the stream ends, the token is refused, the page is left. */
const losses: Record<string, Loss> = {
  banned: { type: "user.updated", lose: ({ id }) => backend.users.banUser(id) },
  deleted: { type: "user.deleted", lose: ({ id }) => backend.users.deleteUser(id) },
  "signed out by somebody else": {
    type: "session.revoked",
    lose: ({ sessionId }) => clerk.sessions.revoke(sessionId),
  },
};

for (const [name, { type, lose }] of Object.entries(losses)) {
  test(`who is ${name} loses stream and access at once, in both processes, and is shown nothing`, async ({
    page,
  }) => {
    const watched = streamOf(page, "HomeViewerChanged");
    const { id } = await personAt(page, "Whimbrel", "/home");
    await watched;
    const token = await tokenOf(page);
    const { sid } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    const origins = [appUrl, bareAppUrl];
    const streams = await Promise.all(
      origins.map((origin) => listen(origin, token, "viewerChanged { refetch }")),
    );
    const startedAt = Date.now();
    await lose({ id, sessionId: sid });
    const appliedAt = await acknowledgedAt(type, startedAt);
    const took = await whenSo(appliedAt, async () => {
      const answers = await Promise.all(
        origins.map((origin) => ask(origin, token, "{ viewer { id } }")),
      );
      return streams.every((each) => each.isOver()) && answers.every((one) => one.status === 401);
    });
    expect(took).toBeLessThanOrEqual(LOST_WITHIN_MS);
    await expect(page.getByText("Whimbrel Amsel")).toHaveCount(0);
    await expect(page).toHaveURL((url) => url.pathname !== "/home");
  });
}

test("an admin who is one no longer loses the console and its feed at once", async ({ page }) => {
  const watched = streamOf(page, "ConsoleMirrorChanged");
  const { id } = await personAt(page, "Merganser", "/admin", "admin");
  await watched;
  const token = await tokenOf(page);
  const stream = await listen(appUrl, token, "deliveryReceived { refetch }");
  const startedAt = Date.now();
  await backend.users.updateUserMetadata(id, { publicMetadata: { role: null } });
  const appliedAt = await acknowledgedAt("user.updated", startedAt);
  const took = await whenSo(
    appliedAt,
    async () =>
      stream.isOver() && (await ask(appUrl, token, "{ users { totalCount } }")).status === 403,
  );
  expect(took).toBeLessThanOrEqual(LOST_WITHIN_MS);
  await expect(page.getByRole("heading", { name: "Nothing is here" })).toBeVisible();
  await expect(page.getByRole("table")).toHaveCount(0);
});

test("who was removed from an organization sees and hears nothing of it any more", async ({
  page,
}) => {
  const founder = await newPerson("Smew");
  const member = await personAt(page, "Garganey", "/home");
  const name = `Teal Weavers ${Date.now()}`;
  const { id } = await backend.organizations.createOrganization({ name, createdBy: founder.id });
  const membership = { organizationId: id, userId: member.id };
  await backend.organizations.createOrganizationMembership({ ...membership, role: "org:member" });
  await expect(page.getByRole("main")).toContainText(name);
  const switcher = page.getByRole("button", { name: /organization switcher/i });
  await switcher.click();
  await page.getByRole("dialog").getByRole("button", { name }).click();
  await expect(page.getByText("Active")).toBeVisible();
  const token = await tokenOf(page);
  const query = `{ organization(id: "${id}") { name } }`;
  expect((await ask(appUrl, token, query)).body).toContain(name);
  const stream = await listen(appUrl, token, "organizationChanged { organizations { name } }");
  const startedAt = Date.now();
  await backend.organizations.deleteOrganizationMembership(membership);
  const appliedAt = await acknowledgedAt("organizationMembership.deleted", startedAt);
  const took = await whenSo(appliedAt, async () => {
    const { status, body } = await ask(appUrl, token, query);
    return status === 403 && body.includes("FORBIDDEN") && !body.includes(name);
  });
  expect(took).toBeLessThanOrEqual(LOST_WITHIN_MS);
  await expect(page.getByRole("main")).not.toContainText(name);
  await expect(page.getByRole("heading", { name: member.name })).toBeVisible();
  // Clerk's own session has stepped out of it, too.
  await expect(switcher).toContainText("Personal account");
  const renamed = Date.now();
  await backend.organizations.updateOrganization(id, { name: "Told to members only" });
  await acknowledgedAt("organization.updated", renamed);
  // The stream is in order: once a later change of one's own has come, an earlier one would have.
  await backend.organizations.createOrganization({ name: "Own", createdBy: member.id });
  await expect.poll(stream.text).toContain("Own");
  expect(stream.text()).not.toContain("Told to members only");
  stream.close();
});
