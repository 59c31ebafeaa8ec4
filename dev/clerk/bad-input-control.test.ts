// What nobody should send to the control API, nor in the header that sets one browser's settings.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { LocalClerk } from "./start";
import { Browser, openSite, type Receiver, type Site } from "./test-support";

let close: Site["close"];
let receiver: Receiver;
let clerk: LocalClerk;

beforeAll(async () => {
  ({ clerk, receiver, close } = await openSite());
});
afterAll(() => close());

test("a lever that is pulled with nonsense, or by a page without an origin, moves nothing", async () => {
  const pull = async (path: string, body: string, headers = {}) => {
    const url = `${clerk.url}/__clerk/dev${path}`;
    const response = await fetch(url, { method: "POST", body, headers });
    return [response.status, (await response.json()).errors[0].code];
  };
  for (const path of ["/settings", "/clock/advance", "/users", "/faults", "/webhooks/dials"]) {
    expect([path, ...(await pull(path, "{"))]).toEqual([path, 400, "request_body_invalid"]);
  }
  for (const [path, body] of [
    ["/settings", '{"signUp":"closed"}'],
    ["/settings", '{"colour":"red"}'],
    ["/clock/advance", '{"ms":-1}'],
    ["/users", '{"emailAddress":"x"}'],
    ["/faults", '[{"api":"sql"}]'],
    ["/webhooks/dials", '{"drop":2}'],
    ["/payments", '{"userId":"user_none","event":"stolen"}'],
  ] as const) {
    const expected = [path, 422, "form_param_format_invalid"];
    expect([path, ...(await pull(path, body))]).toEqual(expected);
  }
  expect(await pull("/reset", "{}", { origin: "null" })).toEqual([403, "origin_invalid"]);
  const settings = { "x-local-clerk-settings": "{" };
  const browser = new Browser(clerk, receiver.url);
  const page = await browser.request("GET", "/environment", undefined, settings);
  expect([page.status, (await page.json()).errors[0].code]).toEqual([400, "request_body_invalid"]);
});
