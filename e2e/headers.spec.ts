import { appUrl, expect, seeded, signIn, test } from "./fixtures";

test("a page sends its security headers, and the app works under its Content-Security-Policy", async ({
  page,
  request,
}) => {
  const landing = await request.get("/");
  const headers = landing.headers();
  expect(headers).toMatchObject({
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
    "strict-transport-security": expect.stringContaining("max-age="),
  });
  expect(headers["x-powered-by"]).toBeUndefined();
  const policy = headers["content-security-policy"];
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).toMatch(/script-src [^;]*'strict-dynamic'[^;]*'nonce-[\w+/=]+'/);
  expect((await request.get("/")).headers()["content-security-policy"]).not.toBe(policy);

  const refused: string[] = [];
  page.on("console", (message) => {
    if (/content security policy/i.test(message.text())) refused.push(message.text());
  });
  await signIn(page, seeded.newcomer);
  await expect(page.getByRole("main")).toContainText("Kofi Mensah");
  const home = await page.reload();
  expect(home?.headers()["cache-control"]).toContain("no-store");
  await expect(page.getByRole("main")).toContainText("Kofi Mensah");
  expect(refused).toEqual([]);
});

test("an inline event handler in injected markup does not run", async ({ page }) => {
  await page.goto("/");
  const ran = await page.evaluate(async () => {
    const image = document.createElement("div");
    image.innerHTML = "<img src='data:,' onerror='window.name = \"ran\"'>";
    document.body.append(image);
    await new Promise((resolve) => image.firstElementChild?.addEventListener("error", resolve));
    return window.name;
  });
  expect(ran).toBe("");
});

test("every response of pages and API, successful or not, has the security headers", async ({
  request,
}) => {
  for (const path of [
    "/",
    "/sign-in",
    "/join",
    "/enter",
    "/admin",
    "/nothing-here",
    "/nothing.css",
    "/admin/users/user_x.css",
    "/api/health",
    "/api/ready",
    "/api/graphql",
    "/api/graphql/stream",
    "/api/webhooks/clerk",
    "/api/nothing-here",
  ]) {
    const answer = await request.get(path, { maxRedirects: 0 });
    expect.soft(answer.headers(), `${answer.status()} ${path}`).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "strict-transport-security": expect.stringContaining("max-age="),
      "content-security-policy": expect.stringContaining("frame-ancestors 'none'"),
    });
    if (!path.startsWith("/api/")) {
      expect.soft(answer.headers()["content-security-policy"], path).toContain("'nonce-");
    }
  }
});

test("responses for a signed-in user are never cached", async ({ page, sql }) => {
  await signIn(page, seeded.admin, "/admin");
  const [organization] = await sql("SELECT id FROM organizations WHERE name = 'Northwind Press'");
  for (const path of [
    "/home",
    "/account",
    "/organizations/new",
    "/admin",
    "/admin/users",
    "/admin/organizations",
    `/admin/organizations/${organization?.id}`,
  ]) {
    for (const rsc of ["", "1"]) {
      const headers: Record<string, string> = rsc ? { rsc } : {};
      const answer = await page.request.get(path, { headers });
      expect.soft(answer.status(), path).toBe(200);
      expect.soft(answer.headers()["cache-control"], path).toContain("no-store");
    }
  }
  const asked = { data: { query: "{ viewer { email } }" } };
  const answer = await page.request.post(`${appUrl}/api/graphql`, asked);
  expect(answer.headers()["cache-control"]).toContain("no-store");
});
