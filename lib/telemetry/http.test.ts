/** Compares the labels of routes with the folders of `app`, and tests a process without METRICS_TOKEN. */
import { readdirSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { GET } from "@/app/api/metrics/route";
import { makeKeys, testEnvironment } from "@/dev/testing/environment";
import { apiRoutes, pageSections } from "./http";
import { metrics } from "./metrics";

Object.assign(process.env, testEnvironment(makeKeys(), "postgresql://nobody@127.0.0.1:1/none"));

/** Returns the addresses of the files named `name`: folders in parentheses and parameters are left out. */
function addressesOf(name: string): string[] {
  return readdirSync("app", { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(name))
    .map((path) =>
      dirname(path)
        .split("/")
        .filter((part) => !/^[([]|^\.$/.test(part)),
    )
    .map((parts) => `/${parts.join("/")}`);
}

test("each route of the API but the one for unknown addresses is a label", () => {
  const routes = addressesOf("route.ts").filter((route) => route !== "/api");
  expect(apiRoutes.toSorted()).toEqual(routes.toSorted());
});

test("the first segment of each page is a label", () => {
  const sections = addressesOf("page.tsx").map((address) => address.split("/")[1] ?? "");
  expect(new Set(pageSections)).toEqual(new Set(sections.filter(Boolean)));
});

test("without METRICS_TOKEN, nothing is measured, and /api/metrics is answered like an unknown address", async () => {
  const authorization = "Bearer undefined";
  const answer = await GET(
    new Request("https://rollcall.test/api/metrics", { headers: { authorization } }),
  );
  expect([answer.status, await answer.json()]).toEqual([404, { error: "Not found." }]);
  expect(metrics()).toBeNull();
});
