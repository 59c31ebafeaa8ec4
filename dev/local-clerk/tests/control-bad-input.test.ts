// The control API refuses bad input with an error.

import { expect } from "vitest";
import { sharedTest as test } from "../testing/test";

test("a control API call with an invalid body, or from a page with an opaque origin, is refused", async ({
  site,
  clerk,
}) => {
  const send = async (path: string, body: string, headers = {}) => {
    const url = `${clerk.url}/__clerk/dev${path}`;
    const response = await fetch(url, { method: "POST", body, headers });
    return [response.status, (await response.json()).errors[0].code];
  };
  for (const path of [
    "/settings",
    "/clock/advance",
    "/users",
    "/faults",
    "/webhooks/disturbances",
  ]) {
    expect([path, ...(await send(path, "{"))]).toEqual([path, 400, "request_body_invalid"]);
  }
  for (const [path, body] of [
    ["/settings", '{"signUp":"closed"}'],
    ["/settings", '{"colour":"red"}'],
    ["/clock/advance", '{"ms":-1}'],
    ["/users", '{"emailAddress":"x"}'],
    ["/faults", '[{"api":"sql"}]'],
    ["/webhooks/disturbances", '{"drop":2}'],
    ["/payments", '{"userId":"user_none","event":"stolen"}'],
    ["/payments", '{"userId":"user_none","evnt":"paid"}'],
    ["/settings", '{"backendLimit":{"calls":1,"perMs":1,"each":"day"}}'],
    ["/clock/advance", '{"ms":1,"days":1}'],
    ["/users", '{"emailAddress":"x@example.com","role":"admin"}'],
    ["/faults", '[{"api":"bapi","latency":5}]'],
    ["/webhooks/pause", '{"ms":1}'],
    ["/webhooks/resume", '{"ordre":"reversed"}'],
    ["/webhooks/replay", '{"id":"msg_1","endpoint":"ep_app"}'],
    ["/webhooks/replay-failed", '{"from":1}'],
    ["/webhooks/replay-missing", '{"since":"yesterday"}'],
    ["/webhooks/replay-missing", '{"endpoint":"ep_app"}'],
    ["/endpoints", '{"url":"http://localhost:9","event":["user.*"]}'],
    ["/endpoints/update", '{"enabled":true}'],
    ["/endpoints/rotate", '{"keepMs":1}'],
    ["/sessions/end", '{"sessionId":"sess_1","when":1}'],
    ["/sessions/age", '{"sessionId":"sess_1","ms":1,"days":1}'],
    ["/generate", '{"people":1}'],
  ] as const) {
    const expected = [path, 422, "form_param_format_invalid"];
    expect([path, ...(await send(path, body))]).toEqual(expected);
  }
  expect(await send("/reset", "{}", { origin: "null" })).toEqual([403, "origin_invalid"]);
  const settings = { "x-local-clerk-settings": "{" };
  const browser = site.newBrowser();
  const page = await browser.fetch("GET", "/environment", undefined, settings);
  expect([page.status, (await page.json()).errors[0].code]).toEqual([400, "request_body_invalid"]);
});
