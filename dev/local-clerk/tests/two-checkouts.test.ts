// Two checkouts of an app on one machine. Their apps run on two ports of one host, so both local Clerks share the browser's
// cookies.

import { expect, test } from "vitest";
import { startLocalClerk } from "../start";
import { Browser } from "../testing/browser";
import { amara, kofi } from "../testing/seeded";

test("with two Git checkouts running, signing in and out in one app does not end the session in the other app", async () => {
  const cookies = new Map<string, string>();
  const open = async (appUrl: string) => {
    const clerk = await startLocalClerk({ port: 0, appUrl });
    return { clerk, browser: new Browser(clerk, appUrl, cookies) };
  };
  const first = await open("http://localhost:3000");
  const second = await open("http://localhost:3010");
  try {
    expect(first.clerk.keys.publishableKey).not.toBe(second.clerk.keys.publishableKey);
    const userIn = async ({ browser }: typeof first) => {
      const { body } = await browser.get("/client");
      return body.response?.sessions.map(({ user }: { user: { id: string } }) => user.id) ?? [];
    };
    expect((await first.browser.signIn(kofi.email)).status).toBe(200);
    expect((await second.browser.signIn(amara.email)).status).toBe(200);
    expect([await userIn(first), await userIn(second)]).toEqual([[kofi.id], [amara.id]]);
    // Each instance has cookies with its own suffix. The cookies without a suffix belong to the last sign-in.
    const suffixed = [...cookies.keys()].filter((name) => /_[\w-]{8}$/.test(name));
    expect(suffixed.filter((name) => name.startsWith("__client_uat_"))).toHaveLength(2);

    await second.browser.delete("/client/sessions");
    expect([await userIn(first), await userIn(second)]).toEqual([[kofi.id], []]);
    const { body } = await first.browser.get("/client");
    const token = await first.browser.post(
      `/client/sessions/${body.response.sessions[0].id}/tokens`,
    );
    expect(token.status).toBe(200);
  } finally {
    await first.clerk.close();
    await second.clerk.close();
  }
});
