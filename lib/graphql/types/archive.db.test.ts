/** Tests the archive in the API: what a platform admin can read and do, and that every other session is refused. */
import { beforeAll, expect, test } from "vitest";
import { startClerkWithAdmins } from "@/dev/testing/admins-at-clerk";
import { clerkId, deletedJson, event } from "@/dev/testing/clerk-payloads";
import { askGraphQL } from "@/dev/testing/graphql";
import { caughtUp, listening } from "@/dev/testing/listening";
import { deliver, mirrorAdmin, mirrorUser } from "@/dev/testing/mirror";
import { database } from "../../db";
import { runErasures } from "../../erasure/erase";

const [admin, person] = [clerkId("user"), clerkId("user")];
await startClerkWithAdmins(admin);

beforeAll(async () => {
  await listening();
  await mirrorAdmin(admin);
  await mirrorUser(person);
  await database().pool.query(
    "INSERT INTO payment_attempts (id, version, user_id, amount, currency, status, plans) VALUES ('pay_1', 1, $1, 2200, 'USD', 'paid', '{Gold,Plus}')",
    [person],
  );
  await deliver(event("user.deleted", deletedJson(person)));
  await runErasures();
  await caughtUp();
});

const ask = (query: string, claims: object = {}) => askGraphQL({ sub: admin, ...claims }, query);

const lookUp = (search: string, reason = "refund 4711") =>
  `mutation { lookUpArchive(search: "${search}", reason: "${reason}")
   { entry { id } purchases { id table amount currency status plans } notes { by byName text } acts { actor actorName action reason } } }`;

test("a platform admin can look up, annotate, hold and purge an archive entry, and each action is audited with the admin's id", async () => {
  const { data } = await ask(lookUp(person));
  const [{ entry, purchases }] = data.lookUpArchive;
  expect(purchases).toEqual([
    {
      id: "pay_1",
      table: "payment_attempts",
      amount: 2200,
      currency: "USD",
      status: "paid",
      plans: "Gold, Plus",
    },
  ]);
  await ask(`mutation { addArchiveNote(id: "${entry.id}", text: "Called.") { id } }`);
  await ask(`mutation { holdArchiveEntry(id: "${entry.id}", reason: "case 12") { heldAt } }`);
  expect(
    (await ask("{ archive { count heldCount days { archived } } }")).data.archive,
  ).toMatchObject({
    count: 1,
    heldCount: 1,
    days: expect.arrayContaining([{ archived: 1 }]),
  });
  const refused = await ask(`mutation { purgeArchiveEntry(id: "${entry.id}", reason: "x") }`);
  expect(refused.errors[0]).toMatchObject({
    message: expect.stringContaining("Release it first"),
    extensions: { code: "BAD_USER_INPUT" },
  });
  const again = await ask(lookUp(entry.id));
  expect(again.data.lookUpArchive).toMatchObject([
    {
      notes: [{ by: admin, byName: "Ada Lovelace", text: "Called." }],
      acts: [
        {
          actor: admin,
          actorName: "Ada Lovelace",
          action: "archive.looked_up",
          reason: "refund 4711",
        },
        { actor: admin, action: "archive.held", reason: "case 12" },
        { actor: admin, action: "archive.noted", reason: null },
        { actor: admin, action: "archive.looked_up", reason: "refund 4711" },
      ],
    },
  ]);
  await ask(`mutation { releaseArchiveEntry(id: "${entry.id}", reason: "closed") { heldAt } }`);
  expect(
    await ask(`mutation { purgeArchiveEntry(id: "${entry.id}", reason: "ticket 9") }`),
  ).toEqual({
    data: { purgeArchiveEntry: true },
  });
  expect((await ask("{ archive { count days { purged } } }")).data.archive).toMatchObject({
    count: 0,
    days: expect.arrayContaining([{ purged: 1 }]),
  });
});

test("a lookup in the archive without a reason is refused with BAD_USER_INPUT", async () => {
  const { errors } = await ask(lookUp(person, " "));
  expect(errors[0].extensions.code).toBe("BAD_USER_INPUT");
});

test.each(["{ archive { count } }", lookUp("user_1")])(
  "a session that impersonates an admin gets FORBIDDEN for the archive operation %s",
  async (query) => {
    const { errors } = await ask(query, { act: { sub: "user_support" } });
    expect(errors[0].extensions.code).toBe("FORBIDDEN");
  },
);
