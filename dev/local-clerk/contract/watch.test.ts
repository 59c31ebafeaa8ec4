import { afterEach, expect, test, vi } from "vitest";
import { openSite } from "../testing/site";
import { ContractWatch } from "./watch";

afterEach(() => {
  vi.restoreAllMocks();
});

test("an operation that is requested twice and not implemented is reported once", () => {
  const watch = new ContractWatch();
  const request = { method: "POST", path: "/fapi/v1/me/passkeys", body: undefined };
  watch.onResponse({ ...request, status: 501 });
  watch.onResponse({ ...request, status: 501 });
  watch.onResponse({ ...request, path: "/fapi/v1/me", status: 200 });
  const [line, ...more] = watch.missing();
  expect(line).toMatch(/does not implement POST \/v1\/me\/passkeys of fapi$/);
  expect(more).toEqual([]);
});

test("a response that differs from its published shape is a contract violation", () => {
  const watch = new ContractWatch();
  const body = { object: "token" };
  watch.onResponse({ method: "POST", path: "/bapi/v1/sessions/sess_1/refresh", status: 200, body });
  expect(() => watch.requireNoFaults()).toThrow(/refresh → 200/);
});

test("an operation counts as covered only after a response in its published shape", () => {
  const watch = new ContractWatch();
  const request = { method: "GET", path: "/bapi/v1/users/count" };
  const body = { object: "total_count", total_count: 7 };
  watch.onResponse({ ...request, status: 206, body });
  watch.onResponse({ ...request, status: 200, body: { ...body, total_count: "7" } });
  expect([...watch.seen]).toEqual([]);
  watch.onResponse({ ...request, status: 200, body });
  expect([...watch.seen]).toEqual(["bapi GET /v1/users/count"]);
});

test("an operation that responds with a redirect counts as covered without a body", () => {
  const watch = new ContractWatch();
  const request = { method: "GET", path: "/fapi/v1/client/handshake", body: undefined };
  watch.onResponse({ ...request, status: 400 });
  expect([...watch.seen]).toEqual([]);
  watch.onResponse({ ...request, status: 307 });
  expect([...watch.seen]).toEqual(["fapi GET /v1/client/handshake"]);
});

test("a response that matches two schemas of a oneOf is a contract violation", () => {
  const isPublic = { kid: "k", alg: "RS256", use: "sig", kty: "RSA", n: "n", e: "AQAB" };
  const isBoth = { ...isPublic, crv: "", d: "d", p: "p", q: "q" };
  const faultsOf = (key: object) => {
    const watch = new ContractWatch();
    const body = { keys: [key] };
    watch.onResponse({ method: "GET", path: "/bapi/v1/jwks", status: 200, body });
    return watch.faults.join("\n");
  };
  expect(faultsOf(isPublic)).toBe("");
  expect(faultsOf(isBoth)).toContain("must match exactly one schema");
});

test("an error with a code or status that Clerk does not publish is a contract violation", () => {
  for (const [status, code] of [
    [404, "nobody_is_here"],
    [400, "resource_not_found"],
  ] as const) {
    const watch = new ContractWatch();
    const body = { errors: [{ code, message: "", long_message: "" }], clerk_trace_id: "x" };
    watch.onResponse({ method: "GET", path: "/bapi/v1/users/user_1", status, body });
    expect(() => watch.requireNoFaults()).toThrow(`${code} is not a code that Clerk publishes`);
  }
});

test("closing a test instance prints the operations that are not implemented, and throws for contract violations", async () => {
  const site = await openSite();
  expect((await site.callBackend("GET", "/role_sets")).status).toBe(501);
  site.watch.onEvent("user.deleted", '{"type":"user.deleted"}');
  const stderr = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  await expect(site.close()).rejects.toThrow(
    /Different from what Clerk publishes:\nuser\.deleted: /,
  );
  expect(stderr.mock.calls.join()).toMatch(/does not implement GET \/v1\/role_sets of bapi/);
});
