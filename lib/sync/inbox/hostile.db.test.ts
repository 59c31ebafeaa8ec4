import { once } from "node:events";
import { request } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clerkId, event, organizationJson, userJson } from "@/dev/testing/clerk-payloads";
import { svixHeaders } from "@/dev/testing/sign";
import { postWebhook, sendWebhook } from "@/dev/testing/webhook";
import { database } from "../../db";
import { createIngest } from "./node-server";
import { MAX_BODY_BYTES } from "./receive";

const secret = process.env.CLERK_WEBHOOK_SIGNING_SECRET ?? "";
const { prisma } = database();

describe("an attribute that cannot be read", () => {
  test.each<[string, object]>([
    ["last_sign_in_at", { last_sign_in_at: -62135596800000 }],
    ["public_metadata", { public_metadata: [] }],
    ["banned", { banned: "false" }],
    ["username", { username: 12345 }],
    ["email_addresses.0", { email_addresses: [null] }],
  ])(
    "a user whose %s cannot be read is mirrored, and the delivery records the attribute's path",
    async (path, fields) => {
      const [id, svixId] = [clerkId("user"), clerkId("msg")];
      expect(
        await sendWebhook(event("user.created", userJson({ id, ...fields })), { id: svixId }),
      ).toBe(200);
      const delivery = await prisma.delivery.findUnique({ where: { svixId } });
      expect(delivery).toMatchObject({ outcome: "applied", unread: path });
      expect(await prisma.user.findUnique({ where: { id } })).toMatchObject({
        firstName: "Ada",
        deleted: false,
      });
    },
  );

  test("an event whose updated_at cannot be read is recorded as unreadable, with the attribute's path", async () => {
    const [id, svixId] = [clerkId("user"), clerkId("msg")];
    await sendWebhook(event("user.created", userJson({ id, updated_at: -1 })), { id: svixId });
    const delivery = await prisma.delivery.findUnique({ where: { svixId } });
    expect(delivery).toMatchObject({ outcome: "unreadable", unread: "updated_at" });
    expect(await prisma.user.count({ where: { id } })).toBe(0);
  });
});

describe("events that arrive out of order", () => {
  test("two users who swapped e-mail addresses are mirrored, in whichever order their events arrive", async () => {
    const [a, b] = [clerkId("user"), clerkId("user")];
    const withEmail = (id: string, email_address: string, updated_at: number) =>
      event(
        "user.updated",
        userJson({ id, email_addresses: [{ id: "idn_1", email_address }], updated_at }),
        updated_at,
      );
    await sendWebhook(withEmail(b, "one@example.com", 2e12));
    await sendWebhook(withEmail(a, "two@example.com", 2e12));
    await sendWebhook(withEmail(a, "one@example.com", 1.9e12));
    await sendWebhook(withEmail(b, "two@example.com", 1.9e12));
    const emailOf = async (id: string) => (await prisma.user.findUnique({ where: { id } }))?.email;
    expect([await emailOf(a), await emailOf(b)]).toEqual(["two@example.com", "one@example.com"]);
  });

  test("two organizations that swapped slugs are mirrored, in whichever order their events arrive", async () => {
    const [a, b] = [clerkId("org"), clerkId("org")];
    const withSlug = (id: string, slug: string, updated_at: number) =>
      event("organization.updated", organizationJson({ id, slug, updated_at }), updated_at);
    await sendWebhook(withSlug(b, "one", 2e12));
    await sendWebhook(withSlug(a, "two", 2e12));
    await sendWebhook(withSlug(a, "one", 1.9e12));
    await sendWebhook(withSlug(b, "two", 1.9e12));
    const slugOf = async (id: string) =>
      (await prisma.organization.findUnique({ where: { id } }))?.slug;
    expect([await slugOf(a), await slugOf(b)]).toEqual(["two", "one"]);
  });

  test("a body nested 5,000 levels deep is recorded, and later events are still applied", async () => {
    const id = clerkId("user");
    const deep = `{"type":"user.created","data":${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}}`;
    expect(await sendWebhook(deep, { id: "msg_deep" })).toBe(200);
    expect(await prisma.delivery.findUnique({ where: { svixId: "msg_deep" } })).toMatchObject({
      outcome: "unreadable",
    });
    await sendWebhook(event("user.created", userJson({ id })));
    expect(await prisma.user.findUnique({ where: { id } })).toMatchObject({ firstName: "Ada" });
  });
});

test.each([5_000, 100_000])(
  "an event of a user whose metadata is nested %i levels deep is applied",
  async (levels) => {
    const id = clerkId("user");
    const deep = `${"[".repeat(levels)}${"]".repeat(levels)}`;
    const body = JSON.stringify(event("user.created", userJson({ id, public_metadata: "deep" })));
    expect(await sendWebhook(body.replace('"deep"', `{"a":${deep}}`))).toBe(200);
    expect(await prisma.user.findUnique({ where: { id } })).toMatchObject({ firstName: "Ada" });
  },
);

describe("a body of 10 MB", () => {
  const size = 10 * 1024 * 1024;

  test.each<[string, Record<string, string>, number]>([
    ["with a length", { "content-length": String(size) }, 0],
    ["chunked", {}, MAX_BODY_BYTES],
  ])(
    "a 10 MB body (%s) is refused with 413 in less than 100 ms, without being read beyond the limit",
    async (_, length, most) => {
      const chunk = new Uint8Array(64 * 1024);
      let pulled = 0;
      const body = new ReadableStream({
        pull: (controller) => {
          if (pulled >= size) return controller.close();
          pulled += chunk.byteLength;
          controller.enqueue(chunk);
        },
      });
      const startedAt = performance.now();
      const { status } = await postWebhook(body, { ...svixHeaders("x", secret), ...length });
      expect(performance.now() - startedAt).toBeLessThan(100);
      expect(status).toBe(413);
      // Two chunks more than the limit are allowed: the chunk that exceeds it, and the chunk that the stream buffers ahead of its
      // reader.
      expect(pulled).toBeLessThanOrEqual(most + 2 * chunk.byteLength);
    },
  );
});

describe("the route", () => {
  test.each(["application/json; charset=utf-8", "text/plain", "application/octet-stream"])(
    "the webhook route accepts a signed body with the content type %s",
    async (type) => {
      const body = JSON.stringify(event("user.created", userJson({ id: clerkId("user") })));
      const headers = { ...svixHeaders(body, secret), "content-type": type };
      expect((await postWebhook(body, headers)).status).toBe(200);
    },
  );
});

/** Returns the body of an event. The body has exactly `bytes` bytes. */
function eventOfSize(type: string, id: string, bytes: number): string {
  const body = (filler: string) => {
    const payload = event(type, { ...userJson({ id }), unsafe_metadata: { filler } });
    return JSON.stringify(payload);
  };
  return body("x".repeat(bytes - body("").length));
}

describe("a signed body of about the maximum size", () => {
  test("a signed webhook body of the maximum size is stored and applied", async () => {
    const [id, svixId] = [clerkId("user"), clerkId("msg")];
    const body = eventOfSize("user.created", id, MAX_BODY_BYTES);
    expect(Buffer.byteLength(body)).toBe(2 * 1024 * 1024);
    expect((await postWebhook(body, svixHeaders(body, secret, { id: svixId }))).status).toBe(200);
    expect(await prisma.user.findUnique({ where: { id } })).toMatchObject({ firstName: "Ada" });
    const { body: stored } = await prisma.delivery.findUniqueOrThrow({ where: { svixId } });
    expect(stored?.byteLength).toBe(MAX_BODY_BYTES);
  });

  test("an ignored event of the maximum size is stored without its body, and a second delivery is detected as a duplicate", async () => {
    const svixId = clerkId("msg");
    const body = eventOfSize("unheard.of", clerkId("obj"), MAX_BODY_BYTES);
    for (const _ of ["first", "again"]) {
      expect((await postWebhook(body, svixHeaders(body, secret, { id: svixId }))).status).toBe(200);
    }
    expect(await prisma.delivery.findUnique({ where: { svixId } })).toMatchObject({
      outcome: "ignored",
      type: "unheard.of",
      body: null,
    });
    const other = `${body} `.slice(1);
    const conflict = await postWebhook(other, svixHeaders(other, secret, { id: svixId }));
    expect(conflict.status).toBe(400);
  });

  test("a signed webhook body one byte over the maximum is refused with 413 and no Retry-After header", async () => {
    const body = eventOfSize("user.created", clerkId("user"), MAX_BODY_BYTES + 1);
    const response = await postWebhook(body, svixHeaders(body, secret));
    expect(response.status).toBe(413);
    expect(response.headers.get("retry-after")).toBeNull();
    expect(await response.json()).toEqual({
      error: expect.stringContaining("Sending it again does not help"),
    });
  });
});

describe("the same function on node:http", () => {
  const server = createIngest();
  let url = "";
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    url = `http://127.0.0.1:${port}/api/webhooks/clerk`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test("the node:http server stores and applies a delivery", async () => {
    const [id, svixId] = [clerkId("user"), clerkId("msg")];
    const body = JSON.stringify(event("user.created", userJson({ id, first_name: "Ādä" })));
    const headers = svixHeaders(body, secret, { id: svixId });
    expect((await fetch(url, { method: "POST", body, headers })).status).toBe(200);
    expect(await prisma.user.findUnique({ where: { id } })).toMatchObject({ firstName: "Ādä" });
    const forged = { ...headers, "svix-id": "msg_other" };
    expect((await fetch(url, { method: "POST", body, headers: forged })).status).toBe(400);
  });

  test.each(["/api/webhooks/clerk/", "//api/webhooks/clerk", "/api//webhooks//clerk//?a=1"])(
    "the node:http server accepts a delivery at the path %s, without a redirect",
    async (path) => {
      const body = JSON.stringify(event("user.created", userJson({ id: clerkId("user") })));
      const headers = svixHeaders(body, secret);
      const at = `${new URL(url).origin}${path}`;
      const response = await fetch(at, { method: "POST", body, headers, redirect: "manual" });
      expect(response.status).toBe(200);
    },
  );

  test("the node:http server accepts a chunked body from a client that sends Expect: 100-continue", async () => {
    const id = clerkId("user");
    const body = JSON.stringify(event("user.created", userJson({ id })));
    const headers = { ...svixHeaders(body, secret), expect: "100-continue" };
    const sent = request(url, { method: "POST", headers });
    sent.flushHeaders();
    await once(sent, "continue");
    sent.write(body.slice(0, 100));
    sent.end(body.slice(100));
    const [response] = await once(sent, "response");
    expect(response.statusCode).toBe(200);
    expect(await prisma.user.findUnique({ where: { id } })).toMatchObject({ firstName: "Ada" });
  });

  test.each(["GET", "HEAD", "PUT", "DELETE", "PROPFIND"])(
    "the node:http server responds to %s with 405, not with a redirect",
    async (method) => {
      const response = await fetch(url, { method, redirect: "manual" });
      expect(response.status).toBe(405);
      expect(response.headers.get("allow")).toBe("POST");
    },
  );

  test("the node:http server responds to a 10 MB body with 413 or closes the connection", async () => {
    const body = Buffer.alloc(10 * 1024 * 1024, "x");
    const answer = fetch(url, { method: "POST", body, headers: svixHeaders("x", secret) });
    // The server may respond and close the connection while the body is still being sent. `fetch` then fails.
    const status = await answer.then((response) => response.status).catch(() => "closed");
    expect([413, "closed"]).toContain(status);
  });
});
