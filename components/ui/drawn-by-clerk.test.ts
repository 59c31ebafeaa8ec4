import { expect, test } from "vitest";
import { isDrawnByClerk } from "./drawn-by-clerk";

const described = (description: object) =>
  `https://img.clerk.com/${Buffer.from(JSON.stringify(description)).toString("base64url")}`;

test.each([
  described({ type: "default", iid: "ins_1", rid: "user_1", initials: "AO" }),
  described({ type: "default", iid: "ins_1", rid: "org_1" }),
  `${described({ type: "default", iid: "ins_1", rid: "org_1" })}?width=80`,
  "/__clerk/avatar_placeholder/user_1.svg",
  "https://www.gravatar.com/avatar?d=mp",
])("%s is an image that Clerk drew", (url) => {
  expect(isDrawnByClerk(url)).toBe(true);
});

test.each([
  described({ type: "proxy", src: "https://images.clerk.dev/oauth_google/img_1" }),
  "https://img.clerk.com/preview.png",
  "https://images.clerk.dev/uploaded/img_1.png",
  "/__clerk/images/img_1",
  "",
])("%s is an image that Clerk did not draw", (url) => {
  expect(isDrawnByClerk(url)).toBe(false);
});
