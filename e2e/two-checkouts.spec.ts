/** Two checkouts on one machine: two apps on two ports of localhost, each with a local Clerk and a database of its own. */
import { randomUUID } from "node:crypto";
import { type LocalClerk, startLocalClerk } from "../dev/local-clerk/start";
import { findFreePort } from "../dev/ports";
import { createDatabase, dropDatabase } from "../dev/postgres/server";
import { startNext } from "../dev/testing/servers";
import { migrate } from "../prisma/migrate";
import { databaseUrl, enterPassword, expect, seeded, test } from "./fixtures";

type Checkout = {
  app: Awaited<ReturnType<typeof startNext>>;
  clerk: LocalClerk;
  stop(): Promise<void>;
};

async function startCheckout(): Promise<Checkout> {
  const port = await findFreePort();
  const appUrl = `http://localhost:${port}`;
  const name = `checkout_${randomUUID().slice(0, 8)}`;
  const url = await createDatabase(databaseUrl, name);
  await migrate(url);
  const clerk = await startLocalClerk({ appUrl });
  const app = await startNext({ ...clerk.env, DATABASE_URL: url, APP_URL: appUrl }, port);
  const stop = async () => {
    await app.stop();
    await clerk.close();
    await dropDatabase(databaseUrl, name);
  };
  return { app, clerk, stop };
}

test("signing in and out of one checkout leaves the session of another one on the same host", async ({
  page,
}) => {
  const first = await startCheckout();
  const second = await startCheckout();
  try {
    const context = page.context();
    const other = await context.newPage();
    const expectHome = async (on: typeof page, { app }: Checkout, name: string) => {
      await on.goto(`${app.url}/home`);
      await expect(on.getByRole("main")).toContainText(name);
    };

    await page.goto(`${first.app.url}/home`);
    await enterPassword(page, seeded.newcomer, first.clerk.password);
    await page.waitForURL(`${first.app.url}/home`);
    await other.goto(`${second.app.url}/home`);
    await enterPassword(other, seeded.northwindAdmin, second.clerk.password);
    await other.waitForURL(`${second.app.url}/home`);
    await expectHome(page, first, "Kofi Mensah");
    await expectHome(other, second, "Amara Okafor");

    // Without session tokens, each app asks its own Clerk for the session of its own client.
    for (const each of [page, other]) await each.goto("about:blank");
    await context.clearCookies({ name: /^__session/ });
    await expectHome(page, first, "Kofi Mensah");
    await expectHome(other, second, "Amara Okafor");

    await other.evaluate("window.Clerk.signOut()");
    await expect(async () => {
      await other.goto(`${second.app.url}/home`);
      await expect(other).toHaveURL((url) => url.pathname === "/sign-in", { timeout: 1_000 });
    }).toPass();
    await expectHome(page, first, "Kofi Mensah");
  } finally {
    await first.stop();
    await second.stop();
  }
});
