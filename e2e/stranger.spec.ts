import { bareAppUrl, clerk, enterPassword, expect, seeded, signIn, test } from "./fixtures";

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

test("middleware tricks show no guarded content", async ({ request, baseURL }) => {
  const tricks: [string, Record<string, string>][] = [
    ["/admin/people", { "x-middleware-subrequest": "middleware:middleware:middleware:middleware" }],
    ["/admin/people", { "x-middleware-prefetch": "1", purpose: "prefetch" }],
    ["/admin/people", { rsc: "1", "next-router-prefetch": "1" }],
    ["/admin/people.rsc", {}],
    ["//admin/people", {}],
    ["/%61dmin/people", {}],
    ["/admin//people", {}],
    ["/admin/people/user_x.css", {}],
  ];
  for (const [path, headers] of tricks) {
    const response = await request.get(`${baseURL}${path}`, { headers });
    expect.soft(await response.text(), path).not.toMatch(SECRETS);
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

test("after signing in one lands where one wanted to be, on this origin only", async ({ page }) => {
  const { password } = await clerk.overview();
  await page.goto("/admin/people?q=okafor");
  await enterPassword(page, seeded.admin, password);
  await page.waitForURL("**/admin/people?q=okafor");
  await expect(page.getByRole("table")).toContainText("Amara Okafor");
  for (const elsewhere of ["https://evil.test/", "//evil.test", "javascript:alert(1)"]) {
    await page.goto(`/sign-in?${new URLSearchParams({ redirect_url: elsewhere })}`);
    await page.waitForURL("**/home");
  }
  await page.goto("/sign-in?redirect_url=/admin/organizations");
  await page.waitForURL("**/admin/organizations");
  await page.goto("/sign-up");
  await page.waitForURL("**/home");
});
