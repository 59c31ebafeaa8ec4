/** Tests that every GraphQL operation of the console is refused to viewers who are not platform admins. */
import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { POST } from "@/app/api/graphql/route";
import { POST as STREAM } from "@/app/api/graphql/stream/route";
import { startClerkWithAdmins } from "@/dev/testing/admins-at-clerk";
import { clerkId } from "@/dev/testing/clerk-payloads";
import { caughtUp, listening } from "@/dev/testing/listening";
import { mirrorAdmin, mirrorOrganization, mirrorUser } from "@/dev/testing/mirror";
import { signToken } from "@/dev/testing/sign";
import { documentsIn } from "../command/graphql-documents";

const [admin, member, user] = [clerkId("user"), clerkId("user"), clerkId("user")];
await startClerkWithAdmins(admin);
const organization = clerkId("org");

beforeAll(async () => {
  await listening();
  await mirrorAdmin(admin);
  for (const id of [member, user]) await mirrorUser(id);
  await mirrorOrganization(organization);
  await caughtUp();
});

/** The variables of the operations on saved views. No saved view has this `viewId`. */
const viewVariables = {
  ...{ consoleList: "USERS", viewId: randomUUID(), version: 1 },
  ...{ name: "A view", parameters: "", isShared: false },
};

function send(query: string, sub: string | null, id: string): Promise<Response> {
  const isStream = /^subscription/m.test(query);
  const token = sub && signToken(process.env.TEST_PRIVATE_KEY ?? "", { sub });
  const request = new Request("https://rollcall.test/api/graphql", {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: isStream ? "text/event-stream" : "application/json",
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({
      query,
      variables: {
        ...{
          id,
          ids: [id],
          userId: id,
          list: "DEAD",
          newest: 2,
          search: id,
          reason: "x",
          text: "x",
        },
        ...{ selection: { ids: [id] }, withEffects: false, handler: "unknown" },
        ...{
          kind: "USER",
          objectId: id,
          erasureId: randomUUID(),
          subject: id,
          at: new Date().toISOString(),
          first: 5,
        },
        // The user is not locked, so USER_UNLOCK has nothing to do and does not call Clerk.
        ...(/^mutation PerformAct/m.test(query) && { name: "USER_UNLOCK", objectId: user }),
        ...(/^(mutation StartBulkAct|query BulkPlan)/m.test(query) && {
          ...{ name: "USER_UNLOCK", objectIds: [user] },
        }),
        ...(/FeedEndpoint/.test(query) && { name: "unknown" }),
        ...{ type: "email.created", data: "{}", headers: "x", body: "x" },
        ...(/BulkAct/.test(query) && { id: randomUUID() }),
        // The id of an effect job is a number.
        ...(/^mutation ReplayDeadEffects/m.test(query) && { id: "1" }),
        ...(/Console(View|Layout)/.test(query) && viewVariables),
        // The variable of the search in the command palette.
        ...(/^query Palette/m.test(query) && { query: "ada" }),
      },
    }),
  });
  return (isStream ? STREAM : POST)(request);
}

const operations = Object.values(documentsIn(["app/(session)/admin", "components/console"])).map(
  (text): [string, string] => [
    /^(?:query|mutation|subscription) (\w+)/m.exec(text)?.[1] ?? "",
    text,
  ],
);

/** Mutations that return 400 even to a platform admin, because this database does not have the object that they need. */
const withoutObject =
  /^(RetryProvisioning|StopBulkAct|RevealDeliveryPayload|ReleaseErasureBrake|UndoErasure|(En|Dis)ableFeedEndpoint|\w+Archive(Entry|Note))$/;

/** Subscriptions that members may use for their own organizations; tested in sse.db.test.ts. */
const shared = /^Console(Organization|Memberships)Changed$/;

test("the console's GraphQL operations are found, and each one has a name", () => {
  expect(operations.length).toBeGreaterThan(8);
  expect(operations.map(([name]) => name)).not.toContain("");
});

test.each(operations)(
  "the console operation %s without a token returns 401",
  async (_name, text) => {
    const { status } = await send(text, null, organization);
    expect(status).toBe(401);
  },
);

test.each(operations.filter(([name]) => !shared.test(name)))(
  "the console operation %s is refused to a member and returns data to a platform admin",
  async (name, text) => {
    const id = name === "Person" ? user : organization;
    const refused = await send(text, member, id);
    const { data } = await refused.json();
    // An organization that the viewer may not see is null, not an error. Some operations select another
    // field that returns an error.
    const isAbsent =
      /^Organization./.test(name) && !/^Organization(s|Invitations|Members)$/.test(name);
    expect(refused.status).toBe(isAbsent ? 200 : 403);
    expect(Object.values(data ?? {}).filter((value) => value !== null)).toEqual([]);
    const answered = await send(text, admin, id);
    expect(answered.status).toBe(withoutObject.test(name) ? 400 : 200);
    if (!/^subscription/m.test(text))
      expect(await answered.text()).not.toContain('"organization":null');
    await answered.body?.cancel().catch(() => undefined);
  },
);
