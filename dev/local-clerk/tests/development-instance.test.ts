// A development instance: `pk_test_` keys, and a dev browser in place of cookies.

import { test as base, expect } from "vitest";
import { amara } from "../testing/seeded";
import { backendClient, openSite, type Site } from "../testing/site";

const test = base.extend<{ site: Site }>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of a fixture's needs from here
  site: async ({}, use) => {
    const site = await openSite({ instance: "development" });
    await use(site);
    await site.close();
  },
});

function call({ clerk, appUrl }: Site, method: string, path: string, form = {}) {
  const isRead = method === "GET";
  return fetch(`${clerk.url}/fapi/v1${path}`, {
    method,
    redirect: "manual",
    ...(isRead ? {} : { headers: { origin: appUrl }, body: new URLSearchParams(form) }),
  });
}

test("a development instance has pk_test_ and sk_test_ keys, and its environment and instance report the type development", async ({
  site,
}) => {
  const { clerk } = site;
  expect(clerk.keys.publishableKey).toMatch(/^pk_test_/);
  // clerk-js sends the dev browser only to hosts with this ending.
  const host = Buffer.from(clerk.keys.publishableKey.slice("pk_test_".length), "base64");
  expect(host.toString()).toMatch(/^[a-z0-9-]+\.clerk\.accounts\.dev\$$/);
  expect(clerk.keys.secretKey).toMatch(/^sk_test_/);
  expect(clerk.env.CLERK_SECRET_KEY).toBe(clerk.keys.secretKey);
  const environment = await (await call(site, "GET", "/environment")).json();
  expect(environment.display_config.instance_environment_type).toBe("development");
  expect(environment.auth_config.test_mode).toBe(true);
  const touched = await call(site, "POST", "/environment?_method=PATCH");
  expect(await touched.json()).toEqual(environment);
  const { environmentType } = await backendClient(clerk).instance.get();
  expect(environmentType).toBe("development");
});

test("a browser is identified by its dev browser token without any cookie, and a request without the token is refused", async ({
  site,
}) => {
  const { clerk } = site;
  for (const [method, path] of [
    ["GET", "/client"],
    ["POST", "/client/sign_ins"],
    ["GET", "/me?__clerk_db_jwt=unknown"],
  ] as const) {
    const refused = await call(site, method, path);
    const { errors } = await refused.json();
    expect([refused.status, errors[0].code]).toEqual([401, "dev_browser_unauthenticated"]);
  }
  const browser = await (await call(site, "POST", "/dev_browser")).json();
  const by = `__clerk_db_jwt=${browser.id}`;
  const form = { identifier: amara.email, password: clerk.password };
  expect((await call(site, "POST", `/client/sign_ins?${by}`, form)).status).toBe(200);
  const { response } = await (await call(site, "GET", `/client?${by}`)).json();
  expect(response.sessions[0].user.id).toBe(amara.id);
  const other = await (await call(site, "POST", "/dev_browser")).json();
  const empty = await (await call(site, "GET", `/client?__clerk_db_jwt=${other.id}`)).json();
  expect(empty.response.sessions).toEqual([]);
});

test("the first handshake returns the dev browser and a later handshake the session to Clerk's SDK, in the URL and not in cookies", async ({
  site,
}) => {
  const { clerk } = site;
  const { appUrl } = site;
  const { publishableKey, secretKey, jwtKey } = clerk.keys;
  const backend = backendClient(clerk);
  const options = { publishableKey, secretKey, jwtKey, proxyUrl: `${appUrl}/__clerk` };
  const open = (url: string, cookies: string[] = []) =>
    backend.authenticateRequest(
      new Request(url, {
        headers: {
          cookie: cookies.join("; "),
          "sec-fetch-dest": "document",
          accept: "text/html",
        },
      }),
      options,
    );
  const handshake = async (cookies: string[] = []) => {
    const begun = await open(`${appUrl}/home?tab=1`, cookies);
    const location = begun.headers.get("location") ?? "";
    const own = location.replace(`${appUrl}/__clerk`, `${clerk.url}/fapi`);
    const answer = await fetch(own, { redirect: "manual" });
    expect(answer.headers.getSetCookie()).toEqual([]);
    const back = answer.headers.get("location") ?? "";
    expect(new URL(back).searchParams.has("__clerk_handshake_nonce")).toBe(true);
    return { reason: begun.reason, state: await open(back, cookies) };
  };
  const cookiesOf = (headers: Headers) =>
    headers.getSetCookie().map((each) => each.split(";")[0] ?? "");

  const first = await handshake();
  expect(first.reason).toBe("dev-browser-missing");
  expect(first.state.headers.get("location")).toBe(`${appUrl}/home?tab=1`);
  const cookies = cookiesOf(first.state.headers);
  const token = cookies.find((each) => each.startsWith("__clerk_db_jwt="));
  const form = { identifier: amara.email, password: clerk.password };
  await call(site, "POST", `/client/sign_ins?${token}`, form);
  const uat = cookies.map((each) => each.replace(/^(__client_uat\w*)=0/, "$1=1"));
  const second = await handshake(uat);
  expect(second.reason).toBe("client-uat-but-no-session-token");
  const signedIn = await open(`${appUrl}/home`, cookiesOf(second.state.headers));
  expect(signedIn.toAuth()).toMatchObject({ userId: amara.id });
});
