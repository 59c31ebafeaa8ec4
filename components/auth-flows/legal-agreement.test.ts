import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { LegalAgreement } from "./legal-agreement";

const markup = (terms?: string, privacy?: string) =>
  renderToStaticMarkup(
    createElement(LegalAgreement, { urls: { terms, privacy }, error: undefined }),
  );

test("the agreement links each document whose URL is set, and the links open in a new window", () => {
  const both = markup("https://example.com/terms", "https://example.com/privacy");
  expect(both).toMatch(
    /href="https:\/\/example.com\/terms" target="_blank"[^>]*>terms of service</,
  );
  expect(both).toMatch(/href="https:\/\/example.com\/privacy"[^>]*>privacy policy</);
  expect(markup("https://example.com/terms").match(/<a /g)).toHaveLength(1);
});

test("without URLs the agreement has no link", () => {
  const none = markup();
  expect(none).toContain("terms of service and the privacy policy");
  expect(none).not.toContain("<a ");
});
