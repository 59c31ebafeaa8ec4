import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { firstDrawable, sharePicture } from "./share-picture";

/** The URLs that a test has requested with `fetch`. */
const asked: string[] = [];
beforeEach(() => {
  asked.length = 0;
  const original = globalThis.fetch;
  vi.stubGlobal("fetch", (input: string | URL | Request, init?: RequestInit) => {
    const url = String(input instanceof Request ? input.url : input);
    if (/^(https?:)?\/\//.test(url)) asked.push(url);
    return original(input, init);
  });
});
afterEach(() => vi.unstubAllGlobals());

const PNG = [0x89, 0x50, 0x4e, 0x47];

test.each([
  ["Ada Lovelace", "@ada"],
  ["C\u00f4te d\u2019Ivoire", "\u00c5land"],
  ["\u0160ime \u0141ukasz \u017d", null],
  ["\u5c71\u7530 \u592a\u90ce", "@yamada"],
  ["\u{1f98a} Fox", "\u0645\u0631\u062d\u0628\u0627"],
  ["E\u0301lodie", null],
  ["x".repeat(400), "y".repeat(400)],
])("the share picture of %j is a PNG, and rendering it sends no request", async (title, line) => {
  const response = sharePicture({ title, lines: [line] });
  const bytes = new Uint8Array(await response.arrayBuffer());
  expect([...bytes.slice(0, 4)]).toEqual(PNG);
  expect(bytes.length).toBeGreaterThan(3_000);
  expect(asked).toEqual([]);
});

test("firstDrawable skips a text with a character outside the font", () => {
  expect(firstDrawable("\u5c71\u7530", "@yamada")).toBe("@yamada");
  expect(firstDrawable("\u{1f98a}")).toBeNull();
  expect(firstDrawable(null, "E\u0301lodie")).toBe("\u00c9lodie");
});
