import { expect, seeded, signIn, test } from "./fixtures";

test("every page comes with the headers that protect it", async ({ page, request }) => {
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

test("a script that markup brings along does not run", async ({ page }) => {
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
