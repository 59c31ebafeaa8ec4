// An app without a proxy: its pages call the Frontend API directly, at the local Clerk's own port.

import { test as base, expect } from "vitest";
import { type LocalClerk, startLocalClerk } from "../start";
import { amara } from "../testing/seeded";

const appUrl = "http://localhost:5173";

const test = base.extend<{ clerk: LocalClerk; url: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of a fixture's needs from here
  clerk: async ({}, use) => {
    const clerk = await startLocalClerk({ appUrl, frontendApi: "direct" });
    await use(clerk);
    await clerk.close();
  },
  url: ({ clerk }, use) => use(clerk.env.VITE_CLERK_PROXY_URL ?? ""),
});

/** Returns the CORS headers by which a browser decides whether a page may read the response. */
const permissionOf = ({ headers }: Response) => ({
  origin: headers.get("access-control-allow-origin"),
  credentials: headers.get("access-control-allow-credentials"),
});

test("the environment variables for the Frontend API URL contain the app's host and the local Clerk's own port", ({
  clerk,
  url,
}) => {
  expect(url).toBe(`http://localhost:${new URL(clerk.url).port}/fapi`);
  expect(clerk.env).toMatchObject({
    CLERK_PROXY_URL: url,
    NEXT_PUBLIC_CLERK_PROXY_URL: url,
    CLERK_PUBLISHABLE_KEY: clerk.keys.publishableKey,
    VITE_CLERK_PUBLISHABLE_KEY: clerk.keys.publishableKey,
  });
});

test("CORS headers let the app's pages read every response to a request with cookies, also error responses", async ({
  clerk,
  url,
}) => {
  const signIn = (password: string) =>
    fetch(`${url}/v1/client/sign_ins`, {
      method: "POST",
      headers: { origin: appUrl },
      body: new URLSearchParams({ identifier: amara.email, password }),
    });
  const allowed = { origin: appUrl, credentials: "true" };
  const accepted = await signIn(clerk.password);
  expect(accepted.status).toBe(200);
  expect(permissionOf(accepted)).toEqual(allowed);
  const refused = await signIn("another password");
  expect(refused.status).toBe(422);
  expect(permissionOf(refused)).toEqual(allowed);
  const unknown = await fetch(`${url}/v1/no_such_path`, { headers: { origin: appUrl } });
  expect(unknown.status).toBe(501);
  expect(permissionOf(unknown)).toEqual(allowed);
});

test("a CORS preflight request from the app's pages succeeds", async ({ url }) => {
  const response = await fetch(`${url}/v1/client`, {
    method: "OPTIONS",
    headers: {
      origin: appUrl,
      "access-control-request-method": "DELETE",
      "access-control-request-headers": "authorization,x-clerk-version",
    },
  });
  expect(response.status).toBe(204);
  expect(permissionOf(response)).toEqual({ origin: appUrl, credentials: "true" });
  expect(response.headers.get("access-control-allow-methods")).toContain("DELETE");
  expect(response.headers.get("access-control-allow-headers")).toContain("authorization");
});

test.for(["http://localhost:5174", "http://127.0.0.1:5173", "null"])(
  "a request from a page of %s is refused without CORS headers",
  async (origin, { url }) => {
    const response = await fetch(`${url}/v1/client`, { headers: { origin } });
    expect(response.status).toBe(400);
    expect(permissionOf(response).origin).toBeNull();
  },
);

test("image URLs use the Frontend API URL that the browser can reach", async ({ clerk, url }) => {
  const environment = { headers: { authorization: `Bearer ${clerk.keys.secretKey}` } };
  const users = await fetch(`${clerk.env.CLERK_API_URL}/v1/users?limit=1`, environment);
  const [user] = await users.json();
  expect(user.image_url.startsWith(`${url}/`)).toBe(true);
  expect((await fetch(user.image_url)).status).toBe(200);
});

test("with the Frontend API called directly, the start is refused with an error that names the remedy when the app is on another machine", async () => {
  await expect(
    startLocalClerk({ appUrl: "http://app.example.com", frontendApi: "direct" }),
  ).rejects.toThrow("Open the app there, or let it proxy the Frontend API.");
});
