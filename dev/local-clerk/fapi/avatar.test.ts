import { expect, test } from "vitest";
import { avatarSvg } from "./avatar";

test.each([
  ["Kofi Mensah", "KM"],
  ["Mei-Lin van der Chen", "MC"],
  ["new.person@example.com", "NP"],
  ["kofi_m", "KM"],
  ["ida@example.com", "I"],
  ["<b> &c", "&#60;&#38;"],
  ["@", "?"],
])("the generated avatar of %s shows the initials %s", (name, letters) => {
  expect(avatarSvg("user_1", name)).toContain(`>${letters}</text>`);
});
