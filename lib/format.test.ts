import { expect, test } from "vitest";
import {
  displayName,
  formatAmount,
  formatDuration,
  formatListCount,
  organizationName,
  placeName,
  roleName,
  sessionDevice,
  visibleText,
} from "./format";

test.each([
  [-400, "under 0.1 s"],
  [99, "under 0.1 s"],
  [420, "0.4 s"],
  [9_940, "9.9 s"],
  [12_800, "12 s"],
  [59_999, "59 s"],
  [60_000, "1 min"],
  [3_599_999, "59 min"],
  [7_200_000, "2 h"],
  [5.5 * 86_400_000, "5 d"],
])("%i ms is formatted as %s", (ms, words) => {
  expect(formatDuration(ms)).toBe(words);
});

/** Texts without a visible character. */
const invisible = [
  "",
  " ",
  "\t\n",
  "\u00a0\u3000\u2003",
  "\u00ad",
  "\u034f",
  "\u061c",
  "\u115f\u1160",
  "\u17b4",
  "\u180e",
  "\u200b\u200c\u200d",
  "\u200e\u200f",
  "\u202e\u202c",
  "\u2060\u2066\u2069",
  "\u2800",
  "\u3164",
  "\uffa0",
  "\ufffc",
  "\ufe0f",
  "\ufeff",
  "\u0000\u007f",
  "\u0301",
  "\u{e0001}\u{e0041}",
  "\ud800",
];

const nobody = {
  ...{ id: "user_1", firstName: null, lastName: null },
  ...{ username: null, email: null, phoneNumber: null },
};

test.each(invisible)("visibleText(%j) is null, and displayName skips it", (text) => {
  expect(visibleText(text)).toBeNull();
  const blank = { ...nobody, firstName: text, lastName: text };
  expect(displayName({ ...blank, username: "ada" })).toBe("ada");
  expect(displayName({ ...blank, username: text, email: "ada@example.com" })).toBe(
    "ada@example.com",
  );
  expect(displayName({ ...blank, email: text, phoneNumber: "+15550100" })).toBe("+15550100");
  expect(displayName({ ...blank, phoneNumber: text })).toBe("user_1");
  expect(displayName({ ...blank, lastName: "Lovelace" })).toBe("Lovelace");
  expect(organizationName({ id: "org_1", name: text, slug: "engines" })).toBe("engines");
  expect(organizationName({ id: "org_1", name: text, slug: text })).toBe("org_1");
  expect(roleName(`org:${text}`)).toBe("No role");
});

test.each([
  ["Ada", "Ada"],
  ["  Ada \u00a0 Lovelace\n", "Ada Lovelace"],
  ["\u202eAda", "Ada"],
  ["\u{1f469}\u200d\u{1f680}", "\u{1f469}\u200d\u{1f680}"],
  [
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
  ],
  ["Jose\u0301", "Jose\u0301"],
  ["-", "-"],
])("visibleText(%j) returns %j", (text, shown) => {
  expect(visibleText(text)).toBe(shown);
});

test.each([
  [1250, "usd", "US$12.50"],
  [1250, "jpy", "JP¥1,250"],
  [1250, null, "1,250"],
  [1250, "not a currency", "1,250"],
])(
  `formatAmount(%s, %s) returns "%s": the amount is in the currency's smallest unit`,
  (amount, currency, text) => {
    expect(formatAmount(amount, currency)).toBe(text);
  },
);

test.each([
  [12_034, "EXACT", "12,034"],
  [10_000, "AT_LEAST", "over 10,000"],
  [1_234_567, "ESTIMATE", "about 1.2M"],
  [12_345, "ESTIMATE", "about 12K"],
] as const)(
  "formatListCount formats a count of %i that is %s as “%s”",
  (number, precision, text) => {
    expect(formatListCount({ number, precision })).toBe(text);
  },
);

test.each([
  ["Macintosh", "Chrome", "128.0.0.0", "Chrome 128 on Macintosh"],
  ["iPhone", "Mobile Safari", null, "Mobile Safari on iPhone"],
  ["desktop", null, null, "desktop"],
  ["Unknown", "Unknown", "", null],
  [null, null, "128", null],
])(
  "a session with device %s, browser %s and version %s is displayed as %s",
  (deviceType, browserName, browserVersion, words) => {
    expect(sessionDevice({ deviceType, browserName, browserVersion })).toBe(words);
  },
);

test.each([
  ["Lisbon", "PT", "Lisbon, Portugal"],
  [null, "US", "United States"],
  ["Lisbon", null, "Lisbon"],
  ["Lisbon", "Portugal", "Lisbon, Portugal"],
  [" ", "", null],
  [null, null, null],
])("the place of city %s and country %s is %s", (city, country, words) => {
  expect(placeName(city, country)).toBe(words);
});
