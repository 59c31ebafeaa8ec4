import type { Page } from "@playwright/test";
import { appUrl, chooseInMenu, expect, newPerson, signInByLink } from "./fixtures";
import { testWithOwnStack as test } from "./own-stack";

const heading = (page: Page) => page.getByRole("heading", { level: 1 });

test("two apps on two ports of one host: signing in, reloading and signing out in one does not end the session in the other", async ({
  page,
  own,
}) => {
  const other = await page.context().newPage();
  const { id } = await newPerson("Bittern");
  await signInByLink(page, id);
  await own.signIn(other, "/home", { firstName: "Grebe" });
  const shown = async () => {
    for (const tab of [page, other]) await tab.reload();
    await expect(heading(page)).toHaveText("Bittern Amsel");
    await expect(heading(other)).toHaveText("Grebe Amsel");
  };
  await shown();

  await chooseInMenu(
    other.getByRole("button", { name: /user (button|menu)/i }),
    other.getByRole("button", { name: "Sign out" }),
  );
  await other.waitForURL(`${own.appUrl}/`);
  await other.goto(`${own.appUrl}/home`);
  await expect(other).toHaveURL((url) => url.pathname === "/sign-in");
  await page.reload();
  await expect(page).toHaveURL(`${appUrl}/home`);
  await expect(heading(page)).toHaveText("Bittern Amsel");

  await own.signIn(other, "/home", { firstName: "Grebe" });
  await shown();
});
