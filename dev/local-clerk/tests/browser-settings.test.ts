// The header that overrides settings for the requests of one browser, so that parallel tests do not disturb each other.

import { expect } from "vitest";
import { sharedTest as test } from "../testing/test";

test("the settings header overrides settings for its request only, and an invalid header is refused", async ({
  browser,
}) => {
  const own = { "x-local-clerk-settings": JSON.stringify({ signUp: "waitlist" }) };
  const mode = async (headers = {}) => {
    const response = await browser.fetch("GET", "/environment", undefined, headers);
    return (await response.json()).user_settings.sign_up.mode;
  };
  expect(await mode(own)).toBe("waitlist");
  expect(await mode()).toBe("public");
  const bad = { "x-local-clerk-settings": JSON.stringify({ signUp: "closed" }) };
  expect((await browser.fetch("GET", "/environment", undefined, bad)).status).toBe(422);
});
