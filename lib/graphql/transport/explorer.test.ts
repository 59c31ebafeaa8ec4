import { expect, test } from "vitest";
import { GET } from "@/app/api/graphql/explorer/[[...file]]/route";
import { GET as QUERY } from "@/app/api/graphql/route";
import { makeKeys, testEnvironment } from "@/dev/testing/environment";

Object.assign(process.env, testEnvironment(makeKeys(), "postgresql://127.0.0.1/none"));

const base = "https://rollcall.test/api/graphql";
const open = (path: string) => GET(new Request(`${base}/explorer/${path}`));

test("in development a browser that opens the API is redirected to the explorer", async () => {
  const asPage = await QUERY(new Request(base, { headers: { accept: "text/html" } }));
  expect([asPage.status, asPage.headers.get("location")]).toEqual([307, "/api/graphql/explorer"]);
});

test("the explorer uses this endpoint, loads Clerk's script, and loads nothing from a CDN", async () => {
  const response = await open("");
  const html = await response.text();
  expect([response.status, response.headers.get("cache-control")]).toEqual([200, "no-store"]);
  expect(html).toContain("endpointURL: `/api/graphql`");
  const sources = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source ?? "");
  const elsewhere = sources.filter((source) => new URL(source, base).host !== "rollcall.test");
  expect(elsewhere).toEqual([
    "https://clerk.rollcall.test/npm/@clerk/clerk-js@6/dist/clerk.browser.js",
  ]);
  const scripts = sources.filter((source) => source.endsWith(".js") && !elsewhere.includes(source));
  expect(scripts.length).toBeGreaterThan(0);
  for (const script of scripts) {
    const file = await open(script.replace(/^.*explorer\//, ""));
    expect([script, file.status, file.headers.get("content-type")]).toEqual([
      script,
      200,
      "text/javascript",
    ]);
  }
});

test.each(["../package.json", "..%2fpackage.json", "a/../../package.json", "nothing.js"])(
  "the explorer returns 404 for the path %s",
  async (path) => {
    expect((await open(path)).status).toBe(404);
  },
);
