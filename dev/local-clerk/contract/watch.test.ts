import { afterEach, expect, test, vi } from "vitest";
import { openSite } from "../testing/site";
import { ContractWatch } from "./watch";

afterEach(() => {
  vi.restoreAllMocks();
});

test("what is not implemented is named at the end, each once; what is, is not", () => {
  const watch = new ContractWatch();
  const asked = { method: "POST", path: "/fapi/v1/me/passkeys", body: undefined };
  watch.onResponse({ ...asked, status: 501 });
  watch.onResponse({ ...asked, status: 501 });
  watch.onResponse({ ...asked, path: "/fapi/v1/me", status: 200 });
  const [line, ...more] = watch.missing();
  expect(line).toMatch(/does not have: POST \/v1\/me\/passkeys of fapi$/);
  expect(more).toEqual([]);
});

test("an answer of another shape than the published one fails whoever asks", () => {
  const watch = new ContractWatch();
  const body = { object: "token" };
  watch.onResponse({ method: "POST", path: "/bapi/v1/sessions/sess_1/refresh", status: 200, body });
  expect(() => watch.requireNoFaults()).toThrow(/refresh → 200/);
});

test("an operation is seen when its answer was held against a shape, not when there is none", () => {
  const watch = new ContractWatch();
  const asked = { method: "GET", path: "/bapi/v1/users/count" };
  const body = { object: "total_count", total_count: 7 };
  watch.onResponse({ ...asked, status: 206, body });
  watch.onResponse({ ...asked, status: 200, body: { ...body, total_count: "7" } });
  expect([...watch.seen]).toEqual([]);
  watch.onResponse({ ...asked, status: 200, body });
  expect([...watch.seen]).toEqual(["bapi GET /v1/users/count"]);
});

test("an answer that fits two shapes of which it may have one fails whoever asks", () => {
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

test("a refusal with a code or a status that Clerk does not publish fails whoever asks", () => {
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

test("a run says at its end what it was asked for and does not have, and fails for what was not as published", async () => {
  const site = await openSite();
  expect((await site.callBackend("GET", "/role_sets")).status).toBe(501);
  site.watch.onEvent("user.deleted", '{"type":"user.deleted"}');
  const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  await expect(site.close()).rejects.toThrow(/Not as Clerk publishes it:\nuser\.deleted: /);
  expect(said.mock.calls.join()).toMatch(/does not have: GET \/v1\/role_sets of bapi/);
});
