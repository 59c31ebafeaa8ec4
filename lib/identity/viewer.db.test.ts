import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { answerJson, clerkError, startBackendApi } from "@/dev/testing/backend-api";
import { clerkId, deletedJson, event, userJson } from "@/dev/testing/clerk-payloads";
import { caughtUp, listening } from "@/dev/testing/listening";
import { deliver, mirrorMembership, mirrorOrganization, mirrorUser } from "@/dev/testing/mirror";
import { signToken } from "@/dev/testing/sign";
import { database } from "../db";
import { ensureHandle } from "./handle";
import { provisionUser } from "./provision";
import { retryProvisionings } from "./provision-retry";
import { findViewer, mayAdminister } from "./viewer";

const privateKey = process.env.TEST_PRIVATE_KEY ?? "";
// The variables are set before the first call of env(), which caches the environment.
const api = await startBackendApi();
process.env.CLERK_API_URL = api.url;
const { pool, prisma } = database();

const authenticate = (claims: Record<string, unknown>) =>
  findViewer(new Headers({ authorization: `Bearer ${signToken(privateKey, claims)}` }));

async function viewerOf(claims: Record<string, unknown>) {
  const result = await authenticate(claims);
  if (!result.viewer) throw new Error(`refused: ${result.reason}`);
  return result.viewer;
}

const reasonOf = async (claims: Record<string, unknown>) => {
  const result = await authenticate(claims);
  return result.viewer ? "served" : result.reason;
};

const soon = { timeout: 2_000, interval: 10 };
const later = (fields: object) => ({ updated_at: 1_790_000_001_000, ...fields });

beforeAll(listening);
afterAll(() => api.close());
beforeEach(() => {
  api.requests.length = 0;
  api.intercept = null;
});

describe("access ends within 2 s of the event that ends it", () => {
  test("a ban or deletion of the user ends access within 2 s, and an unban restores it", async () => {
    const sub = clerkId("user");
    await mirrorUser(sub);
    await viewerOf({ sub });
    await mirrorUser(sub, later({ banned: true }));
    await vi.waitFor(async () => expect(await reasonOf({ sub })).toBe("revoked"), soon);
    await mirrorUser(sub, { banned: false, updated_at: 1_790_000_002_000 });
    await vi.waitFor(async () => expect(await reasonOf({ sub })).toBe("served"), soon);
    await deliver(event("user.deleted", deletedJson(sub)));
    await vi.waitFor(async () => expect(await reasonOf({ sub })).toBe("revoked"), soon);
  });

  test("after the membership or the organization is deleted, the viewer has no active membership within 2 s", async () => {
    const [sub, org, membership] = [clerkId("user"), clerkId("org"), clerkId("orgmem")];
    await mirrorUser(sub);
    await mirrorOrganization(org);
    await mirrorMembership(membership, sub, org);
    const claims = { sub, o: { id: org, rol: "admin" } };
    const active = async () => (await viewerOf(claims)).activeMembership;
    await vi.waitFor(async () => expect(await active()).toMatchObject({ id: membership }), soon);
    await deliver(event("organizationMembership.deleted", deletedJson(membership)));
    await vi.waitFor(async () => expect(await active()).toBeNull(), soon);

    const again = clerkId("orgmem");
    await mirrorMembership(again, sub, org);
    await vi.waitFor(async () => expect(await active()).toMatchObject({ id: again }), soon);
    await deliver(event("organization.deleted", deletedJson(org)));
    await vi.waitFor(async () => expect(await active()).toBeNull(), soon);
  });

  test("removing the admin role from the metadata ends admin access within 2 s", async () => {
    const sub = clerkId("user");
    await mirrorUser(sub, { public_metadata: { role: "admin" } });
    expect((await viewerOf({ sub })).isAdmin).toBe(true);
    await mirrorUser(sub, later({ public_metadata: {} }));
    await vi.waitFor(async () => expect((await viewerOf({ sub })).isAdmin).toBe(false), soon);
  });

  test.each(["ended", "removed", "revoked"])(
    "a session with status %s is refused within 2 s, and the user's other sessions are not",
    async (status) => {
      const sub = clerkId("user");
      const [sid, other] = [clerkId("sess"), clerkId("sess")];
      await mirrorUser(sub);
      await viewerOf({ sub, sid });
      await pool.query(
        "INSERT INTO sessions (id, user_id, version, status) VALUES ($1, $2, 1, $3)",
        [sid, sub, status],
      );
      await vi.waitFor(async () => expect(await reasonOf({ sub, sid })).toBe("revoked"), soon);
      expect(await reasonOf({ sub, sid: other })).toBe("served");
    },
  );

  test("a ban that is committed while the LISTEN connection is lost also ends access", async () => {
    const sub = clerkId("user");
    await mirrorUser(sub);
    await viewerOf({ sub });
    await pool.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rollcall live' AND datname = current_database()",
    );
    await mirrorUser(sub, later({ banned: true }));
    await vi.waitFor(async () => expect(await reasonOf({ sub })).toBe("revoked"), soon);
    await listening();
    expect(await reasonOf({ sub })).toBe("revoked");
  });
});

test("only the role in public metadata, which clients cannot write, makes a user a platform admin", async () => {
  const sub = clerkId("user");
  const role = { role: "admin" };
  await mirrorUser(sub, { unsafe_metadata: role, private_metadata: {}, public_metadata: {} });
  expect((await viewerOf({ sub, metadata: role, public_metadata: role })).isAdmin).toBe(false);
});

test("a session that impersonates a platform admin can read as admin, cannot administer, and has both user ids", async () => {
  const sub = clerkId("user");
  await mirrorUser(sub, { public_metadata: { role: "admin" } });
  const admin = await viewerOf({ sub });
  const impersonated = await viewerOf({ sub, act: { sub: "user_support" } });
  expect([admin, impersonated].map((viewer) => [viewer.isAdmin, mayAdminister(viewer)])).toEqual([
    [true, true],
    [true, false],
  ]);
  expect([impersonated.user.id, impersonated.impersonatorId]).toEqual([sub, "user_support"]);
});

test("impersonation is audited with both user ids, once for each session", async () => {
  const [sub, sid] = [clerkId("user"), clerkId("sess")];
  await mirrorUser(sub);
  for (let call = 0; call < 3; call += 1) await viewerOf({ sub, sid, act: { sub: "user_help" } });
  await viewerOf({ sub, sid: clerkId("sess") });
  const { rows } = await pool.query(
    "SELECT actor, action, detail FROM audit_log WHERE subject = $1",
    [sub],
  );
  expect(rows).toEqual([
    { actor: "user_help", action: "session.impersonated", detail: { sessionId: sid } },
  ]);
});

describe("the first call of a user whose webhook has not arrived", () => {
  const provisional = { isProvisional: true, isAdmin: false };

  test("20 parallel first calls of an unmirrored user make one row, one request to Clerk and one handle", async () => {
    const sub = clerkId("user");
    api.users.push(userJson({ id: sub }));
    const viewers = await Promise.all(Array.from({ length: 20 }, () => viewerOf({ sub })));
    expect(new Set(viewers.map(({ user }) => user.handle)).size).toBe(1);
    expect(viewers[0]).toMatchObject({
      isProvisional: false,
      user: { email: `${sub}@example.com` },
    });
    expect(api.requests).toEqual([`GET /v1/users/${sub}`]);
    expect(await prisma.user.count({ where: { id: sub } })).toBe(1);
    expect(await prisma.provisioning.count({ where: { userId: sub } })).toBe(0);
  });

  test("two processes that provision one user at the same time make one request to Clerk", async () => {
    const sub = clerkId("user");
    api.users.push(userJson({ id: sub }));
    vi.resetModules();
    const otherProcess = await import("./provision");
    const outcomes = await Promise.all([provisionUser(sub), otherProcess.provisionUser(sub)]);
    expect(outcomes).toEqual(["mirrored", "mirrored"]);
    expect(api.requests).toHaveLength(1);
  });

  test("while Clerk is slow, the viewer is built from the token within the deadline, and completed once Clerk responds", async () => {
    const sub = clerkId("user");
    let answer = () => {};
    api.intercept = (response) => {
      answer = () => answerJson(response, 200, userJson({ id: sub }));
      return true;
    };
    const startedAt = performance.now();
    expect(await viewerOf({ sub })).toMatchObject({
      ...provisional,
      user: { id: sub, email: null },
    });
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect(await viewerOf({ sub })).toMatchObject(provisional);
    answer();
    await vi.waitFor(
      async () => expect(await viewerOf({ sub })).toMatchObject({ isProvisional: false }),
      soon,
    );
    expect(api.requests).toHaveLength(1);
  });

  test.each([
    [429, "rate_limited"],
    [500, "clerk"],
  ])(
    "when Clerk responds with %i, the viewer is built from the token, the failure is recorded, and a retry completes the user",
    async (status, error) => {
      const sub = clerkId("user");
      api.intercept = (response) =>
        answerJson(response, status, clerkError("x"), { "retry-after": "1" });
      expect(await viewerOf({ sub })).toMatchObject(provisional);
      expect(await viewerOf({ sub })).toMatchObject(provisional);
      expect(api.requests).toHaveLength(1);
      // On a busy machine, the viewer may be returned at the deadline, before the failure is recorded.
      const findFailure = () => prisma.provisioning.findUnique({ where: { userId: sub } });
      await expect.poll(findFailure, { timeout: 5_000 }).toMatchObject({ attempts: 1, error });

      api.intercept = null;
      api.users.push(userJson({ id: sub }));
      expect(await retryProvisionings()).toBe(0);
      await pool.query("UPDATE provisionings SET claimed_until = now() - interval '1 s'");
      expect(await retryProvisionings()).toBe(1);
      await caughtUp();
      expect(await viewerOf({ sub })).toMatchObject({ isProvisional: false });
      expect(await prisma.provisioning.count({ where: { userId: sub } })).toBe(0);
    },
  );

  test("a webhook that arrives before the retry completes the user, and the failure record is deleted", async () => {
    const sub = clerkId("user");
    api.intercept = (response) => answerJson(response, 500, { errors: [] });
    await viewerOf({ sub });
    await mirrorUser(sub);
    await caughtUp();
    expect(await viewerOf({ sub })).toMatchObject({ isProvisional: false });
    await retryProvisionings();
    expect(await prisma.provisioning.count({ where: { userId: sub } })).toBe(0);
  });

  test("a user who does not exist at Clerk is refused, with one request to Clerk for several calls", async () => {
    const sub = clerkId("user");
    expect([await reasonOf({ sub }), await reasonOf({ sub })]).toEqual(["revoked", "revoked"]);
    expect(api.requests).toHaveLength(1);
  });

  test("a user whose deletion arrives while provisioning reads Clerk stays deleted", async () => {
    const sub = clerkId("user");
    let answer = () => {};
    api.intercept = (response) => {
      answer = () => answerJson(response, 200, userJson({ id: sub }));
      return true;
    };
    const result = reasonOf({ sub });
    await vi.waitFor(() => expect(api.requests).toHaveLength(1), soon);
    await deliver(event("user.deleted", deletedJson(sub)));
    answer();
    expect(await result).toBe("revoked");
    expect(await prisma.user.findUnique({ where: { id: sub } })).toMatchObject({
      deleted: true,
      email: null,
    });
    expect(await prisma.handle.count({ where: { userId: sub } })).toBe(0);
  });

  test("without PROVISIONING_COMPENSATION, a user whose data cannot be stored gets a viewer from the token, and the account is kept", async () => {
    const sub = clerkId("user");
    api.users.push({ ...userJson({ id: sub }), updated_at: "soon" });
    expect(await viewerOf({ sub })).toMatchObject(provisional);
    await pool.query(
      "UPDATE provisionings SET claimed_until = now() - interval '1 s', attempts = 20",
    );
    await retryProvisionings();
    expect(await prisma.provisioning.findUnique({ where: { userId: sub } })).toMatchObject({
      attempts: 21,
      error: "data",
    });
    expect(api.requests.every((request) => request.startsWith("GET "))).toBe(true);
  });
});

describe("a handle", () => {
  test("a handle reveals nothing of the e-mail address, is the same for parallel calls, and is deleted with the user", async () => {
    const id = clerkId("user");
    await mirrorUser(id);
    const handles = await Promise.all(Array.from({ length: 10 }, () => ensureHandle(id)));
    expect(new Set(handles).size).toBe(1);
    expect(handles[0]).toMatch(/^member_[a-z2-9]{10}$/);
    await deliver(event("user.deleted", deletedJson(id)));
    expect(await prisma.handle.count({ where: { userId: id } })).toBe(0);
    expect(await ensureHandle(id)).toBeNull();
  });

  test("ensureHandle tries another handle when the generated one is taken, and throws after a limited number of attempts", async () => {
    const [one, two] = [clerkId("user"), clerkId("user")];
    await mirrorUser(one);
    await mirrorUser(two);
    await ensureHandle(one, () => "taken");
    const names = ["taken", "taken", "free"];
    expect(await ensureHandle(two, () => names.shift() ?? "")).toBe("free");
    const three = clerkId("user");
    await mirrorUser(three);
    await expect(ensureHandle(three, () => "taken")).rejects.toMatchObject({ code: "23505" });
  });
});
