// The header with which one browser has settings of its own, so that parallel tests do not disturb each other.

import { expect } from "vitest";
import { sharedTest as test } from "../testing/test";

test("a settings header changes the settings for that request alone, and a bad one is refused", async ({
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
