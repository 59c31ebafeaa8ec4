import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gql, InMemoryCache } from "@apollo/client";
import { expect, test } from "vitest";
import { makeKeys, testEnvironment } from "@/dev/testing/environment";
import { collectDocuments, documentsOfThisBuild } from "../../command/graphql-documents";
import { canonicalText } from "../../document-id";
import { resolveDocumentFrom } from "./trusted-documents";

const source = `
  const Card = graphql(\`fragment Card on Viewer { id name }\`);
  const Home = graphql(\`query Home { viewer { ...Card } }\`, [Card]);
`;
const texts = new Map(Object.entries(collectDocuments([{ file: "home.tsx", source }])));

/**
 * The document as Apollo's cache in a browser transforms it. Its fragments are in another order than in the build, but both
 * documents must have the same hash.
 */
const inBrowser = new InMemoryCache().transformDocument(
  gql("fragment Card on Viewer { id name } query Home { viewer { ...Card } }"),
);
const sha256Hash = createHash("sha256").update(canonicalText(inBrowser)).digest("hex");
const byHash = { extensions: { persistedQuery: { version: 1, sha256Hash } }, variables: {} };
const unknown = { extensions: { persistedQuery: { version: 1, sha256Hash: "0".repeat(64) } } };

test("trusted-documents.json contains the GraphQL documents of the pages (npm run graphql:documents writes it)", () => {
  const committed = readFileSync(new URL("../trusted-documents.json", import.meta.url), "utf8");
  expect(committed).toBe(documentsOfThisBuild());
});

test.each([true, false])(
  "an operation of this build is found by its hash (trusted documents only: %s)",
  (strict) => {
    const query = [...texts.values()][0];
    expect(query).toContain("__typename");
    const operation = { query, variables: {} };
    expect(resolveDocumentFrom(texts, strict, byHash)).toEqual({ operation });
    // If the hash is known, a text that is sent with it is ignored.
    const disguised = { ...byHash, query: "{ users { totalCount } }" };
    expect(resolveDocumentFrom(texts, strict, disguised)).toEqual({ operation });
  },
);

test("an operation with an unknown hash is refused without its text and accepted with it", () => {
  const query = "{ __typename }";
  expect(resolveDocumentFrom(texts, false, unknown)).toEqual({ refusal: "unknown" });
  expect(resolveDocumentFrom(texts, false, { ...unknown, query })).toEqual({
    operation: { query },
  });
  expect(resolveDocumentFrom(texts, false, { query })).toEqual({ operation: { query } });
});

test.each([{ query: "{ __typename }" }, unknown, { ...unknown, query: "{ __typename }" }, {}])(
  "with GRAPHQL_TRUSTED_DOCUMENTS_ONLY, the request %j is refused by resolveDocumentFrom and by the API route",
  async (body) => {
    expect(resolveDocumentFrom(texts, true, body)).toEqual({ refusal: "untrusted" });
    Object.assign(process.env, testEnvironment(makeKeys(), "postgresql://127.0.0.1:1/none"), {
      GRAPHQL_TRUSTED_DOCUMENTS_ONLY: "true",
    });
    const { POST } = await import("@/app/api/graphql/route");
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify(body) };
    const response = await POST(new Request("https://rollcall.test/api/graphql", init));
    expect(response.status).toBe(400);
  },
);

test("the build fails when two fragments have the same name or a fragment is missing", () => {
  const twice = { file: "other.tsx", source: "graphql(`fragment Card on Viewer { id }`)" };
  expect(() => collectDocuments([{ file: "a.tsx", source }, twice])).toThrow("Card");
  const missing = { file: "b.tsx", source: "graphql(`query A { viewer { ...Gone } }`)" };
  expect(() => collectDocuments([missing])).toThrow("Gone");
});
