import { get, type IncomingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";
import { appUrl, bareAppUrl, clerk, enterPassword, expect, seeded, signIn, test } from "./fixtures";

const memberPages = ["/home", "/organizations/new", "/account"];
const adminPages = ["/admin", "/admin/people", "/admin/organizations"];
const guarded = [...memberPages, ...adminPages];

const disguises: Record<string, string>[] = [
  {},
  { rsc: "1" },
  { "x-middleware-subrequest": "middleware" },
];

/** Words and addresses that only a guarded page could have drawn. */
const SECRETS = /ines\.duarte|amara\.okafor|Northwind Press|Harbour Cycling/;

test("a stranger is led to sign in from every guarded page", async ({ page }) => {
  for (const path of guarded) {
    await page.goto(path);
    await expect(page).toHaveURL((url) => url.pathname === "/sign-in");
    expect(new URL(page.url()).searchParams.get("redirect_url")).toBe(path);
  }
});

test("without the middleware no guarded page shows anything to a stranger", async ({ request }) => {
  for (const path of guarded) {
    for (const headers of disguises) {
      const response = await request.get(`${bareAppUrl}${path}`, { headers });
      const attempt = `${path} ${JSON.stringify(headers)}`;
      const body = await response.text();
      expect.soft(body, attempt).not.toMatch(SECRETS);
      // A page that is asked for as React's stream carries its redirect in the stream.
      const isLedAway =
        response.url().includes("/sign-in") || /NEXT_REDIRECT[^"]*\/sign-in/.test(body);
      expect.soft(isLedAway, attempt).toBe(true);
    }
  }
});

test("without the middleware the API still refuses", async ({ request }) => {
  const response = await request.post(`${bareAppUrl}/api/graphql`, {
    data: { query: "{ viewer { id } }" },
  });
  expect(response.status()).toBe(401);
});

/** Exactly this path and these headers: fetch and the browser would tidy them up. */
function askRaw(origin: string, path: string, headers: Record<string, string>) {
  return new Promise<{ status: number; headers: IncomingHttpHeaders; body: string }>(
    (resolve, reject) => {
      const { hostname, port } = new URL(origin);
      get({ hostname, port, path, headers }, async (response) => {
        const { statusCode: status = 0, headers: answered } = response;
        resolve({ status, headers: answered, body: await text(response) });
      }).on("error", reject);
    },
  );
}

const PEOPLE = "/admin/people";
const elsewhere = (name: string): [string, Record<string, string>] => ["/", { [name]: PEOPLE }];
const rsc = { rsc: "1" };

const tricks: [string, Record<string, string>][] = [
  ...["middleware", "src/middleware", "pages/_middleware", "middleware:".repeat(5)].map(
    (name): [string, Record<string, string>] => [PEOPLE, { "x-middleware-subrequest": name }],
  ),
  [PEOPLE, { "x-middleware-prefetch": "1", purpose: "prefetch" }],
  [PEOPLE, { "x-middleware-next": "1", "x-middleware-invoke": "0" }],
  [PEOPLE, { "x-middleware-override-headers": "cookie", "x-middleware-request-cookie": "a=b" }],
  [PEOPLE, { "x-clerk-auth-status": "signed-in", "x-clerk-auth-token": "e30.e30.e30" }],
  [PEOPLE, { "x-nextjs-data": "1" }],
  [PEOPLE, { ...rsc, "next-router-prefetch": "1" }],
  [PEOPLE, { ...rsc, "next-router-prefetch": "1", "next-router-segment-prefetch": "/_tree" }],
  [PEOPLE, { ...rsc, "next-router-segment-prefetch": "/admin/people/__PAGE__" }],
  ...["x-middleware-rewrite", "x-invoke-path", "x-matched-path", "x-original-url"].map(elsewhere),
  ["/admin/people.rsc", {}],
  ["/admin/people?_rsc=1", rsc],
  ["/admin/people.segments/_tree.segment.rsc", {}],
  ["/admin/people.segments/admin/people/__PAGE__.segment.rsc", {}],
  ["/admin.segments/admin/people/__PAGE__.segment.rsc", {}],
  ["/_next/data/build/admin/people.json", {}],
  ["/_next/../admin/people", {}],
  ["/_next/static/../../admin/people", {}],
  ["/_next/static/%2e%2e/%2e%2e/admin/people", {}],
  ["/api/../admin/people", {}],
  ["//admin/people", {}],
  ["/admin//people", {}],
  ["/admin/people/", {}],
  ["/%61dmin/people", {}],
  ["/%2561dmin/people", {}],
  ["/admin%2fpeople", {}],
  ["/%2fadmin%2fpeople", {}],
  ["/admin%5cpeople", {}],
  ["/\\admin\\people", {}],
  ["/ADMIN/people", {}],
  ["/admin;x/people", {}],
  ["/admin/people%00", {}],
];

test("middleware tricks show no guarded content, with the middleware or without", async ({
  sql,
}) => {
  const [person] = await sql("SELECT id FROM users WHERE email = $1", [seeded.northwindAdmin]);
  const [organization] = await sql("SELECT id FROM organizations WHERE name = 'Northwind Press'");
  expect([person?.id, organization?.id]).toEqual([expect.any(String), expect.any(String)]);
  const details = [".css", ".json", ".rsc", ".txt", "", "%2ecss", "/x.css"].flatMap(
    (extension): [string, Record<string, string>][] => [
      [`${PEOPLE}/${person?.id}${extension}`, {}],
      [`/admin/organizations/${organization?.id}${extension}`, rsc],
    ],
  );
  for (const origin of [appUrl, bareAppUrl]) {
    for (const [path, headers] of [...tricks, ...details]) {
      const { body, headers: answered } = await askRaw(origin, path, headers);
      const attempt = `${origin}${path} ${JSON.stringify(headers)}`;
      expect.soft(body, attempt).not.toMatch(SECRETS);
      // Nor is anybody sent off this origin.
      const leadsTo = new URL(answered.location ?? "/", origin).origin;
      expect.soft([appUrl, bareAppUrl], attempt).toContain(leadsTo);
    }
  }
});

test("to a member the console does not exist", async ({ page }) => {
  await signIn(page, seeded.northwindAdmin);
  for (const path of adminPages) {
    await page.goto(path);
    await expect(page.getByRole("heading", { name: "Nothing is here" })).toBeVisible();
    await expect(page.getByRole("table")).toHaveCount(0);
  }
  const answer = await page.request.post("/api/graphql", {
    data: { query: "{ users { totalCount } }" },
  });
  expect(answer.status()).toBe(403);
});

test("after signing in one lands where one wanted to be", async ({ page }) => {
  const { password } = await clerk.overview();
  await page.goto("/admin/people?q=okafor");
  await enterPassword(page, seeded.admin, password);
  await page.waitForURL("**/admin/people?q=okafor");
  await expect(page.getByRole("table")).toContainText("Amara Okafor");
  await page.goto("/sign-in?redirect_url=/admin/organizations");
  await page.waitForURL("**/admin/organizations");
  await page.goto("/sign-up");
  await page.waitForURL("**/home");
});

test("a link that would lead elsewhere leads to the landing page", async ({ page }) => {
  const { password } = await clerk.overview();
  const { host } = new URL(appUrl);
  const signInThen = (path: string) => `/sign-in?${new URLSearchParams({ redirect_url: path })}`;
  const isLanding = (url: URL) => url.host === host && url.pathname === "/";
  await page.goto(signInThen("//evil.test/path"));
  await enterPassword(page, seeded.newcomer, password);
  await page.waitForURL(isLanding);
  for (const wanted of [
    "https://evil.test/",
    "//evil.test",
    "/\\evil.test",
    "/\t/evil.test",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    `http://somebody@${host}/home`,
    `http://${host}@evil.test/home`,
    `http://${host}//evil.test`,
    "/home\r\nSet-Cookie: session=mine",
    "/home%0d%0aSet-Cookie: session=mine",
  ]) {
    await page.goto(signInThen(wanted));
    expect.soft(page.url(), wanted).toBe(`${appUrl}/`);
  }
});
