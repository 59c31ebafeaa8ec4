import { get, type IncomingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";
import { appUrl, bareAppUrl, clerk, enterPassword, expect, seeded, signIn, test } from "./fixtures";

const memberPages = [
  "/home",
  "/wishlist",
  "/organizations/new",
  "/organizations/org_1",
  "/account",
];
const adminPages = [
  "/admin",
  "/admin/users",
  "/admin/organizations",
  "/admin/archive",
  "/admin/erasures",
  "/admin/audit",
  "/admin/bulk",
  "/admin/bulk/00000000-0000-4000-8000-000000000000",
  "/admin/invitations/app",
  "/admin/sync",
  "/admin/deliveries?outcome=dead",
  "/admin/deliveries/msg_unknown",
  "/admin/deliveries/test",
  "/admin/effects",
  "/admin/sync/runs/1",
  "/admin/sync/unread",
  "/admin/sync/profiles",
];
const guarded = [...memberPages, ...adminPages];

const headerSets: Record<string, string>[] = [
  {},
  { rsc: "1" },
  { "x-middleware-subrequest": "middleware" },
];

/** Names and e-mail addresses that appear only on guarded pages. */
const SECRETS = /ines\.duarte|amara\.okafor|Northwind Press|Harbour Cycling/;

test("a signed-out visitor of any guarded page is redirected to sign in, with the page's path in redirect_url", async ({
  page,
}) => {
  for (const path of guarded) {
    await page.goto(path);
    await expect(page).toHaveURL((url) => url.pathname === "/sign-in");
    expect(new URL(page.url()).searchParams.get("redirect_url")).toBe(path);
  }
});

test("without the middleware, guarded pages still show nothing to a signed-out visitor", async ({
  request,
}) => {
  for (const path of guarded) {
    for (const headers of headerSets) {
      const response = await request.get(`${bareAppUrl}${path}`, { headers });
      const attempt = `${path} ${JSON.stringify(headers)}`;
      const body = await response.text();
      expect.soft(body, attempt).not.toMatch(SECRETS);
      // An RSC response carries its redirect inside the stream.
      const isRedirected =
        response.url().includes("/sign-in") || /NEXT_REDIRECT[^"]*\/sign-in/.test(body);
      expect.soft(isRedirected, attempt).toBe(true);
    }
  }
});

test("without the middleware the API still refuses a signed-out request", async ({ request }) => {
  const response = await request.post(`${bareAppUrl}/api/graphql`, {
    data: { query: "{ viewer { id } }" },
  });
  expect(response.status()).toBe(401);
});

/** Sends exactly this path and these headers; fetch and the browser would normalize them. */
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

const PEOPLE = "/admin/users";
const elsewhere = (name: string): [string, Record<string, string>] => ["/", { [name]: PEOPLE }];
const rsc = { rsc: "1" };

const craftedHeaders: [string, Record<string, string>][] = [
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
  [PEOPLE, { ...rsc, "next-router-segment-prefetch": "/admin/users/__PAGE__" }],
  ...["x-middleware-rewrite", "x-invoke-path", "x-matched-path", "x-original-url"].map(elsewhere),
  ["/admin/users.rsc", {}],
  ["/admin/users?_rsc=1", rsc],
  ["/admin/users.segments/_tree.segment.rsc", {}],
  ["/admin/users.segments/admin/users/__PAGE__.segment.rsc", {}],
  ["/admin.segments/admin/users/__PAGE__.segment.rsc", {}],
  ["/_next/data/build/admin/users.json", {}],
  ["/_next/../admin/users", {}],
  ["/_next/static/../../admin/users", {}],
  ["/_next/static/%2e%2e/%2e%2e/admin/users", {}],
  ["/api/../admin/users", {}],
  ["//admin/users", {}],
  ["/admin//people", {}],
  ["/admin/users/", {}],
  ["/%61dmin/people", {}],
  ["/%2561dmin/people", {}],
  ["/admin%2fpeople", {}],
  ["/%2fadmin%2fpeople", {}],
  ["/admin%5cpeople", {}],
  ["/\\admin\\people", {}],
  ["/ADMIN/people", {}],
  ["/admin;x/people", {}],
  ["/admin/users%00", {}],
];

test("crafted paths and headers reveal no guarded content, with the middleware or without", async ({
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
    for (const [path, headers] of [...craftedHeaders, ...details]) {
      const { body, headers: answered } = await askRaw(origin, path, headers);
      const attempt = `${origin}${path} ${JSON.stringify(headers)}`;
      expect.soft(body, attempt).not.toMatch(SECRETS);
      // No response may redirect to another origin.
      const leadsTo = new URL(answered.location ?? "/", origin).origin;
      expect.soft([appUrl, bareAppUrl], attempt).toContain(leadsTo);
    }
  }
});

test("the console responds with 404 to a member who is not an admin", async ({ page }) => {
  await signIn(page, seeded.northwindAdmin);
  for (const path of adminPages) {
    await page.goto(path);
    await expect(page.getByRole("heading", { name: "Page not found" })).toBeVisible();
    await expect(page.getByRole("table")).toHaveCount(0);
  }
  const answer = await page.request.post("/api/graphql", {
    data: { query: "{ users { totalCount } }" },
  });
  expect(answer.status()).toBe(403);
});

test("signing in leads to the requested page, or to home if none was requested", async ({
  page,
}) => {
  const { password } = await clerk.overview();
  await page.goto("/admin/users?q=okafor");
  await enterPassword(page, seeded.admin, password);
  await page.waitForURL("**/admin/users?q=okafor");
  await expect(page.getByRole("table")).toContainText("Amara Okafor");
  await page.goto("/sign-in?redirect_url=/admin/organizations");
  await page.waitForURL("**/admin/organizations");
  await page.goto("/sign-up");
  await page.waitForURL("**/home");
});

test("a redirect URL outside the app leads to the landing page", async ({ page }) => {
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
