// Tests profiles in the browser: following as a guest, a private profile and its requests, blocking, and the form with its
// errors.

import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { enterPassword, expect, newPerson, PASSWORD, signInByLink, test } from "../fixtures";

const newHandle = () => `e2e_${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;
const notice = (page: Page, text: string) => page.getByRole("status").filter({ hasText: text });

/** Fills in and saves the profile form as the person who is signed in on `page`. */
async function saveProfile(page: Page, handle: string, audience = "Everyone") {
  await page.goto("/settings/profile");
  await page.getByLabel("Handle").fill(handle);
  await page.getByRole("radio", { name: audience }).check();
  await page.getByRole("button", { name: "Save profile" }).click();
  await expect(notice(page, "Saved.")).toBeVisible();
}

test("a guest's follow runs once after sign-in, reaches the feed, and can be undone", async ({
  page,
  signedIn,
  openBrowser,
}) => {
  const handle = newHandle();
  const ada = await signedIn("Ada");
  await saveProfile(page, handle);
  const guest = await openBrowser();
  const ben = await newPerson("Ben");
  await guest.goto(`/people/${handle.toUpperCase()}`);
  await expect(guest).toHaveURL(new RegExp(`/people/${handle}$`));
  await guest.getByRole("button", { name: `Follow ${ada.name}` }).click();
  const sheet = guest.getByRole("dialog", { name: `Sign in to follow ${ada.name}` });
  await sheet.getByRole("link", { name: "Sign in" }).click();
  await enterPassword(guest, ben.email, PASSWORD);
  await expect(notice(guest, `You follow ${ada.name}.`)).toBeVisible();
  await expect(guest.getByRole("link", { name: "1 follower" })).toBeVisible();
  await guest.getByRole("button", { name: "Undo" }).click();
  await expect(guest.getByText("0 followers")).toBeVisible();
  await guest.getByRole("button", { name: `Follow ${ada.name}` }).click();
  await expect(guest.getByRole("button", { name: `Stop following ${ada.name}` })).toBeVisible();

  await guest.goto("/home");
  const feed = guest.getByRole("region", { name: "From people you follow" });
  await expect(feed.getByText("have added nothing yet")).toBeVisible();
  await page.goto("/countries/portugal");
  await page.getByRole("button", { name: "Add Portugal to your wishlist" }).click();
  await expect(feed.getByRole("listitem")).toContainText(`${ada.name} added Portugal`);
});

test("an accepted follow request opens a private profile, and a blocked person no longer finds it", async ({
  page,
  signedIn,
  openBrowser,
}) => {
  const handle = newHandle();
  const ada = await signedIn("Ada");
  await saveProfile(page, handle, "Followers you accept");
  const other = await openBrowser();
  const ben = await newPerson("Ben");
  await signInByLink(other, ben.id, `/people/${handle}`);
  await expect(other.getByText("This profile is private.")).toBeVisible();
  await other.getByRole("button", { name: `Follow ${ada.name}` }).click();
  await expect(notice(other, `You asked to follow ${ada.name}.`)).toBeVisible();

  await page.goto("/settings/profile");
  await page.getByRole("button", { name: `Accept ${ben.name}` }).click();
  await expect(notice(page, `${ben.name} follows you now.`)).toBeVisible();
  await other.reload();
  await expect(other.getByRole("heading", { name: "Wishlist" })).toBeVisible();

  await page.goto(`/people/${handle}/followers`);
  await page.getByRole("link", { name: ben.name }).click();
  await page.getByRole("button", { name: `Block ${ben.name}` }).click();
  await expect(page.getByText("You blocked this person.")).toBeVisible();
  await other.reload();
  await expect(other.getByRole("heading", { name: "Page not found" })).toBeVisible();
});

test("the profile form shows an error beside its field, keeps what was typed, and passes axe", async ({
  page,
  signedIn,
}) => {
  await signedIn("Ada", "/settings/profile");
  const handle = page.getByLabel("Handle");
  await page.getByLabel("About you").fill("I like islands.");
  await handle.fill("adm1n");
  await handle.press("Enter");
  await expect(handle).toHaveAccessibleDescription(/This handle is reserved/);
  await expect(handle).toBeFocused();
  await expect(page.getByLabel("About you")).toHaveValue("I like islands.");
  const chosen = newHandle();
  const checkBothThemes = async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      const { violations } = await new AxeBuilder({ page }).exclude("[class*='cl-']").analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    }
  };
  await checkBothThemes();
  await handle.fill(chosen);
  await handle.press("Enter");
  await expect(notice(page, "Saved.")).toBeVisible();
  await page.goto(`/people/${chosen}`);
  await expect(page.getByText("I like islands.")).toBeVisible();
  await checkBothThemes();
});

test("a follow that fails is reverted on the page, with a notice", async ({
  page,
  signedIn,
  openBrowser,
}) => {
  const handle = newHandle();
  const ada = await signedIn("Ada");
  await saveProfile(page, handle);
  const other = await openBrowser();
  const ben = await newPerson("Ben");
  await signInByLink(other, ben.id, `/people/${handle}`);
  await other.route("**/api/actions", (route) => route.fulfill({ status: 503, json: {} }));
  await other.getByRole("button", { name: `Follow ${ada.name}` }).click();
  await expect(notice(other, "did not answer")).toBeVisible();
  await expect(other.getByRole("button", { name: `Follow ${ada.name}` })).toBeVisible();
});

test("the share picture of a profile is a PNG at an absolute address", async ({
  page,
  signedIn,
  openBrowser,
}) => {
  const handle = newHandle();
  await signedIn("Ada");
  await saveProfile(page, handle);
  const guest = await openBrowser();
  for (const path of [`/people/${handle}`, "/countries/portugal"]) {
    await guest.goto(path);
    const address = await guest.locator('meta[property="og:image"]').getAttribute("content");
    expect(address).toMatch(new RegExp(`^https?://.*${path}/opengraph-image`));
    const { pathname, search } = new URL(address ?? "");
    const response = await guest.request.get(`${pathname}${search}`);
    expect([response.status(), response.headers()["content-type"]]).toEqual([200, "image/png"]);
  }
});
