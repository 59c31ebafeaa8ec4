/** The test tab: a sample event goes through the real endpoint, and a pasted delivery is verified without storing anything. */
import { afterEach, beforeAll, expect, test } from "vitest";
import { event, userJson } from "@/dev/testing/clerk-payloads";
import { askGraphQL } from "@/dev/testing/graphql";
import { caughtUp, listening } from "@/dev/testing/listening";
import { mirrorAdmin, mirrorUser } from "@/dev/testing/mirror";
import { svixHeaders } from "@/dev/testing/sign";
import { database } from "../../db";
import { mayTestDeliveries } from "./test-delivery";

// As with the local Clerk: only then are test events possible.
process.env.CLERK_API_URL = "http://127.0.0.1:9";

const [admin, member] = ["user_tester", "user_member"];
const secret = process.env.CLERK_WEBHOOK_SIGNING_SECRET ?? "";

beforeAll(async () => {
  await listening();
  await mirrorAdmin(admin);
  await mirrorUser(member);
  await caughtUp();
});

afterEach(() => {
  process.env.CLERK_WEBHOOK_SIGNING_SECRET = secret;
});

const send = async (type: string, data: string, claims: object = { sub: admin }) =>
  askGraphQL(
    { ...claims },
    "mutation ($type: String!, $data: String!) { sendTestDelivery(type: $type, data: $data) { svixId status error } }",
    { type, data },
  );

const verify = async (headers: string, body: string) =>
  (
    await askGraphQL(
      { sub: admin },
      "query ($headers: String!, $body: String!) { deliveryVerification(headers: $headers, body: $body) { isVerified sentences } }",
      { headers, body },
    )
  ).data.deliveryVerification;

const headerText = (headers: object) =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");

test("a sample event is signed, received, recorded and applied like one of Clerk's, and audited", async () => {
  const { data } = await send("user.created", JSON.stringify(userJson({ id: "user_sample" })));
  const { svixId, status, error } = data.sendTestDelivery;
  expect([status, error]).toEqual([200, null]);
  const { prisma } = database();
  expect(await prisma.delivery.findUnique({ where: { svixId } })).toMatchObject({
    ...{ type: "user.created", objectId: "user_sample", outcome: "applied" },
  });
  expect(await prisma.user.findUnique({ where: { id: "user_sample" } })).not.toBeNull();
  expect(
    await prisma.auditEntry.findFirst({ where: { action: "delivery.test_sent" } }),
  ).toMatchObject({ actor: admin, subject: svixId });
});

test.each([
  ["data that is no JSON", "user.created", "{", /not valid JSON/],
  ["a type with markup", "<b>", "{}", /Enter a type/],
])("%s is refused, and nothing is recorded", async (_name, type, text, message) => {
  const before = await database().prisma.delivery.count();
  const { data } = await send(type, text);
  expect(data.sendTestDelivery).toMatchObject({
    svixId: null,
    error: expect.stringMatching(message),
  });
  expect(await database().prisma.delivery.count()).toBe(before);
});

test("members and impersonated admins may not send a sample event", async () => {
  for (const claims of [{ sub: member }, { sub: admin, act: { sub: "user_support" } }]) {
    const { errors } = await send("user.created", "{}", claims);
    expect(errors[0].extensions.code).toBe("FORBIDDEN");
  }
});

test("with a production instance no sample event can be sent", () => {
  expect(mayTestDeliveries({ secretKey: "sk_live_x", apiUrl: undefined })).toBe(false);
  expect(mayTestDeliveries({ secretKey: "sk_test_x", apiUrl: undefined })).toBe(true);
});

const body = JSON.stringify(event("user.updated", userJson({ id: "user_pasted" })));

test("a pasted delivery verifies with its headers, also with a line break that an editor added", async () => {
  const headers = headerText(svixHeaders(body, secret));
  const found = await verify(headers, `${body}\n`);
  expect(found.isVerified).toBe(true);
  expect(found.sentences.join(" ")).toMatch(
    /signature is good.*accept it now.*user\.updated about user_pasted.*read in full/,
  );
});

test("an old delivery has a good signature, and the answer says that the endpoint would refuse it now", async () => {
  const timestamp = new Date(Date.now() - 3 * 86_400_000);
  const { isVerified, sentences } = await verify(
    headerText(svixHeaders(body, secret, { timestamp })),
    body,
  );
  expect(isVerified).toBe(true);
  expect(sentences[1]).toBe(
    "It was signed 3 days ago. The endpoint accepts 300 s, so it would refuse it now.",
  );
});

test.each([
  ["a changed body", (headers: object) => [headerText(headers), body.replace("Ada", "Eve")]],
  [
    "a formatted body",
    (headers: object) => [headerText(headers), JSON.stringify(JSON.parse(body), null, 2)],
  ],
  ["a missing header", (headers: object) => [headerText(headers).replace(/svix-id.*/, ""), body]],
  ["no headers", () => ["", body]],
])("%s does not verify, and the answer says why", async (_name, change) => {
  const [headers = "", text = ""] = change(svixHeaders(body, secret));
  const { isVerified, sentences } = await verify(headers, text);
  expect(isVerified).toBe(false);
  expect(sentences[0]).toMatch(/No secret|Paste also/);
  expect(sentences.join(" ")).not.toContain(secret);
});
