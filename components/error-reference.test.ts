import { CombinedGraphQLErrors } from "@apollo/client";
import { expect, test } from "vitest";
import { errorReference } from "./error-reference";

test("errorReference returns the error's id in the server's log: the digest of a page or the request id of the API", () => {
  expect(errorReference(Object.assign(new Error("masked"), { digest: "3609896273" }))).toBe(
    "3609896273",
  );
  const extensions = { code: "INTERNAL_SERVER_ERROR", requestId: "d2076e3c" };
  const failed = { message: "Something failed on our side.", extensions };
  expect(errorReference(new CombinedGraphQLErrors({ errors: [failed, failed] }))).toBe("d2076e3c");
});

test("errorReference returns undefined for an error that the server did not log", () => {
  const refused = { message: "Sign in.", extensions: { code: "UNAUTHENTICATED" } };
  expect(errorReference(new CombinedGraphQLErrors({ errors: [refused] }))).toBeUndefined();
  expect(errorReference(new TypeError("Failed to fetch"))).toBeUndefined();
  expect(errorReference({ errors: [{ extensions: { requestId: 7 } }] })).toBeUndefined();
  expect(errorReference(null)).toBeUndefined();
});
