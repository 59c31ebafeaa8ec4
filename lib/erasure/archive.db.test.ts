/** Tests the archive of erased users: what is kept after an erasure, who can find it, and when it is destroyed. */
import pg from "pg";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { type Canary, makeCanary } from "../../dev/testing/canary-person";
import { clerkId, deletedJson, event, organizationJson } from "../../dev/testing/clerk-payloads";
import { findInDatabase } from "../../dev/testing/personal-data-scan";
import { sendWebhook } from "../../dev/testing/webhook";
import { runArchive } from "../command/archive";
import { database } from "../db";
import { env } from "../env";
import {
  addArchiveNote,
  holdArchiveEntry,
  listArchive,
  lookUpArchive,
  purgeArchiveEntry,
  releaseArchiveEntry,
} from "./archive-admin";
import { archiveWaitingPurchases, countUnarchived, purgeDueEntries } from "./archive-retention";
import { rotateArchiveKey } from "./archive-rotation";
import { runErasures } from "./erase";
import { recordErasureRequest } from "./request";

const { pool, prisma } = database();
const sql = (text: string, values: unknown[] = []) => pool.query(text, values);
const T = 1_790_000_000_000;
const REASON = "refund request 4711";
const initialKeys = env().archiveKeys;
const useKeys = (...keys: typeof initialKeys) => {
  env().archiveKeys = keys;
};
const otherKey = { id: "2027", key: Buffer.alloc(32, 7) };

beforeEach(async () => {
  useKeys(...initialKeys);
  vi.restoreAllMocks();
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
  await sql(
    `TRUNCATE users, organizations, payment_attempts, subscriptions, subscription_items, versions, deliveries, erasures, erased_ids,
     late_events, rollcall_archive.archive_entries, rollcall_archive.archive_lookup_key CASCADE`,
  );
});

const send = async (type: string, data: object, timestamp = T + 5) =>
  expect(await sendWebhook(event(type, data, timestamp))).toBe(200);

const age = () =>
  sql(
    `UPDATE erasures SET deleted_at = deleted_at - interval '60 s', next_at = CASE WHEN next_at IS NOT NULL THEN now() END`,
  );

async function finish(): Promise<void> {
  await runErasures();
  await age();
  expect(await runErasures()).toBeNull();
}

async function erase(id: string): Promise<void> {
  await send("user.deleted", deletedJson(id));
  await finish();
}

async function erasedCanary(): Promise<Canary> {
  const canary = await makeCanary();
  await erase(canary.id);
  return canary;
}

const lookUp = (search: string) => lookUpArchive("user_admin", search, REASON);

async function onlyEntry() {
  const [entry, ...rest] = (await listArchive()).entries;
  expect(rest).toEqual([]);
  if (!entry) throw new Error("The archive has no entry.");
  return entry;
}

const audited = async (action: string) =>
  (
    await sql("SELECT actor, subject, detail FROM audit_log WHERE action = $1 ORDER BY id", [
      action,
    ])
  ).rows;

const setDue = (id: string) =>
  sql(
    "UPDATE rollcall_archive.archive_entries SET purge_at = now() - interval '1 s' WHERE id = $1",
    [id],
  );

describe("archiving", () => {
  test("an erasure moves purchases into the archive and empties their rows, and the archive's tables contain no data of the person in plain text", async () => {
    const canary = await makeCanary();
    await recordErasureRequest({ id: canary.id, reason: "user_requested", requestedBy: canary.id });
    await erase(canary.id);
    expect(await prisma.paymentAttempt.findMany()).toMatchObject([
      {
        userId: canary.id,
        amount: null,
        status: null,
        currency: null,
        chargeType: null,
        plans: [],
      },
    ]);
    const entry = await onlyEntry();
    expect(entry).toMatchObject({ kind: "user", reason: "user_requested", heldAt: null });
    expect(entry.purgeAt.getUTCFullYear() - entry.deletedAt.getUTCFullYear()).toBe(3);
    expect(await findInDatabase(canary.traces)).toEqual([]);
    // With its quotes, because the digits alone also occur in encrypted bytes by chance.
    const inArchive = (await findInDatabase([canary.id, '"2200"'])).filter((place) =>
      /archive_/.test(place),
    );
    expect(inArchive).toEqual([]);
  });

  test("without purchases, an erasure archives nothing", async () => {
    const id = clerkId("user");
    await erase(id);
    expect((await listArchive()).count).toBe(0);
  });

  test("the archive entry of a deletion that was not requested through Rollcall has the reason unknown", async () => {
    await erasedCanary();
    expect(await onlyEntry()).toMatchObject({ reason: "unknown" });
  });

  test("an organization's purchases are archived with the organization, not with the user who paid", async () => {
    const [userId, organizationId] = [clerkId("user"), clerkId("org")];
    await send("organization.created", organizationJson({ id: organizationId }));
    await sql(
      "INSERT INTO payment_attempts (id, version, user_id, organization_id, amount, status) VALUES ('pay_o', 1, $1, $2, 990, 'paid')",
      [userId, organizationId],
    );
    await erase(userId);
    expect(await prisma.paymentAttempt.findMany()).toMatchObject([{ amount: 990n }]);
    await send("organization.deleted", { ...deletedJson(organizationId), object: "organization" });
    await finish();
    expect(await prisma.paymentAttempt.findMany()).toMatchObject([{ amount: null }]);
    expect(await lookUp(organizationId)).toMatchObject([
      { entry: { kind: "organization" }, content: { purchases: [{ values: { amount: "990" } }] } },
    ]);
  });

  test("a refund that arrives after the erasure is added to the same entry, which keeps its notes and its hold", async () => {
    const canary = await erasedCanary();
    const { id } = await onlyEntry();
    await addArchiveNote("user_admin", id, "Called on Monday.");
    await holdArchiveEntry("user_admin", id, "case 12");
    const { id: paymentId } = await prisma.paymentAttempt.findFirstOrThrow();
    await send("paymentAttempt.updated", {
      object: "payment_attempt",
      id: paymentId,
      payment_id: "pay_1",
      status: "refunded",
      charge_type: "checkout",
      created_at: T,
      updated_at: T + 9,
      payer: { user_id: canary.id, email: canary.traces[0] },
      totals: { grand_total: { amount: 2200, currency: "USD" } },
      subscription_items: [],
    });
    await finish();
    expect(await prisma.paymentAttempt.findMany()).toMatchObject([{ amount: null, status: null }]);
    expect(await lookUp(canary.id)).toMatchObject([
      {
        entry: { id, heldAt: expect.any(Date) },
        content: {
          purchases: [{ id: paymentId, values: { status: "refunded", amount: "2200" } }],
          notes: [{ by: "user_admin", text: "Called on Monday." }],
        },
      },
    ]);
    expect(await findInDatabase([canary.traces[0] ?? ""])).toEqual([]);
  });

  test("when the clocks of the app and the database disagree, the retention date of an archive entry is later, never earlier", async () => {
    const canary = await makeCanary();
    await send("user.deleted", deletedJson(canary.id));
    vi.spyOn(Date, "now").mockReturnValue(Date.now() + 400 * 86_400_000);
    await runErasures();
    vi.restoreAllMocks();
    const { purgeAt } = await onlyEntry();
    expect(purgeAt.getTime() - Date.now()).toBeGreaterThan(4 * 365 * 86_400_000);
  });
});

describe("without a usable ARCHIVE_KEY", () => {
  test("an erasure whose database role may not become the archive's role keeps purchases in their table", async () => {
    await sql("ALTER FUNCTION may_become(text) RENAME TO may_become_before");
    await sql("CREATE FUNCTION may_become(text) RETURNS boolean LANGUAGE sql AS 'SELECT false'");
    const canary = await erasedCanary();
    expect(await findInDatabase(canary.traces)).toEqual([]);
    expect(await prisma.paymentAttempt.findMany()).toMatchObject([{ amount: 2200n }]);
    await expect(lookUp(canary.id)).rejects.toThrow("may not become");
    await sql("DROP FUNCTION may_become(text)");
    await sql("ALTER FUNCTION may_become_before(text) RENAME TO may_become");
    expect(await archiveWaitingPurchases()).toBe(1);
  });

  test("without ARCHIVE_KEY, an erasure keeps only the purchases, under the pseudonymous id, and they are archived once there is a key", async () => {
    useKeys();
    const canary = await erasedCanary();
    expect(await findInDatabase(canary.traces)).toEqual([]);
    expect(await prisma.paymentAttempt.findMany()).toMatchObject([{ amount: 2200n }]);
    expect(await listArchive()).toMatchObject({ count: 0, problem: "ARCHIVE_KEY is not set." });
    expect(await archiveWaitingPurchases()).toBe(0);
    expect(await countUnarchived(pool)).toBe(1);
    useKeys(...initialKeys);
    expect(await archiveWaitingPurchases()).toBe(1);
    await finish();
    expect(await countUnarchived(pool)).toBe(0);
    expect(await prisma.paymentAttempt.findMany()).toMatchObject([{ amount: null }]);
    expect(await lookUp(canary.id)).toHaveLength(1);
  });

  const ago = (time: string) =>
    sql(
      "UPDATE erasures SET deleted_at = now() - $1::interval, purchases_until = now() - $1::interval + interval '3 years'",
      [time],
    );

  test("without ARCHIVE_KEY, purchases are deleted at the date at which the archive would purge them, and not before", async () => {
    useKeys();
    const canary = await erasedCanary();
    await sql("UPDATE payment_attempts SET updated_at = now() - interval '5 years'");
    await ago("2 years 364 days");
    expect(await archiveWaitingPurchases()).toBe(0);
    await sql("INSERT INTO late_events (erasure_id) SELECT id FROM erasures");
    await finish();
    expect(await prisma.paymentAttempt.findMany()).toMatchObject([{ amount: 2200n }]);
    await ago("3 years 1 day");
    expect(await archiveWaitingPurchases(new Date(Date.now() - 30 * 86_400_000))).toBe(0);
    expect(await archiveWaitingPurchases()).toBe(1);
    await finish();
    expect(await prisma.paymentAttempt.findMany()).toMatchObject([{ amount: null, status: null }]);
    expect(await countUnarchived(pool)).toBe(0);
    expect(await archiveWaitingPurchases()).toBe(0);
    const { counts } = await prisma.erasure.findFirstOrThrow();
    expect(counts).toMatchObject({ payment_attempts: 1 });
    expect(await audited("purchases.purged")).toContainEqual({
      actor: "retention",
      subject: canary.id,
      detail: { cause: "retention date" },
    });
  });

  test("without ARCHIVE_KEY, a refund after the deletion moves the date at which the purchases are deleted", async () => {
    useKeys();
    await erasedCanary();
    await sql("UPDATE payment_attempts SET updated_at = now() - interval '1 year'");
    await ago("3 years 1 day");
    expect(await archiveWaitingPurchases()).toBe(1);
    await finish();
    expect(await prisma.paymentAttempt.findMany()).toMatchObject([{ amount: 2200n }]);
    expect(await archiveWaitingPurchases()).toBe(0);
  });

  test("an erasure with a key that replaced the former one without a rotation keeps purchases in their table", async () => {
    await erasedCanary();
    useKeys(otherKey);
    const canary = await makeCanary();
    await erase(canary.id);
    expect(await prisma.paymentAttempt.count({ where: { userId: canary.id, amount: 2200n } })).toBe(
      1,
    );
    await expect(lookUp(canary.id)).rejects.toThrow("ARCHIVE_KEY has no key with the id test.");
  });
});

describe("a lookup", () => {
  test("a lookup finds an entry by id and by each former address in any case, and audits the reason but not the searched text", async () => {
    const canary = await erasedCanary();
    const [tag] = canary.traces;
    const { id } = await onlyEntry();
    for (const search of [
      canary.id,
      ` canary.${tag}@EXAMPLE.org`,
      `second.${tag}@example.net`,
      id,
    ]) {
      expect(await lookUp(search), search).toMatchObject([
        {
          entry: { id },
          content: {
            purchases: [{ table: "payment_attempts", values: { amount: "2200", currency: "USD" } }],
          },
        },
      ]);
    }
    expect(await lookUp(`x.${tag}@example.org`)).toEqual([]);
    expect((await audited("archive.looked_up")).slice(-5)).toEqual([
      ...Array.from({ length: 4 }, () => ({
        actor: "user_admin",
        subject: id,
        detail: { reason: REASON, found: 1 },
      })),
      { actor: "user_admin", subject: null, detail: { reason: REASON, found: 0 } },
    ]);
    expect(await findInDatabase([tag ?? ""])).toEqual([]);
  });

  test.each(["", "   ", "asked by jane@example.com"])(
    "a lookup with the reason %j is refused",
    async (reason) => {
      await erasedCanary();
      await expect(lookUpArchive("user_admin", "user_1", reason)).rejects.toThrow(/reason/i);
      expect(await findInDatabase(["jane@example.com"])).toEqual([]);
    },
  );

  test("a lookup finds both entries of an address that a second user had after the first was erased", async () => {
    const canary = await erasedCanary();
    const again = clerkId("user");
    await send("user.created", { ...canary.userObject, id: again, updated_at: T + 20 }, T + 20);
    await sql("INSERT INTO payment_attempts (id, version, user_id, amount) VALUES ($2, 1, $1, 5)", [
      again,
      clerkId("pay"),
    ]);
    await erase(again);
    expect(await lookUp(`second.${canary.traces[0]}@example.net`)).toHaveLength(2);
    expect(await lookUp(again)).toHaveLength(1);
  });
});

describe("a purge", () => {
  test("the purge of an entry at its retention date deletes the entry, its key and its hashes", async () => {
    const canary = await erasedCanary();
    const { id } = await onlyEntry();
    expect(await purgeDueEntries()).toBe(0);
    await setDue(id);
    expect(await purgeDueEntries()).toBe(1);
    for (const table of ["archive_entries", "archive_keys", "archive_lookups"]) {
      expect((await sql(`SELECT FROM rollcall_archive.${table}`)).rowCount, table).toBe(0);
    }
    expect(await lookUp(canary.id)).toEqual([]);
    expect(await audited("archive.purged")).toMatchObject([
      { actor: "retention", subject: id, detail: { reason: "retention date" } },
    ]);
  });

  test("an entry is purged only when its date has passed by the clocks of both the app and the database", async () => {
    await erasedCanary();
    const { id, purgeAt } = await onlyEntry();
    expect(await purgeDueEntries(new Date(purgeAt.getTime() + 1))).toBe(0);
    await setDue(id);
    expect(await purgeDueEntries(new Date(Date.now() - 86_400_000))).toBe(0);
    expect(await purgeDueEntries()).toBe(1);
  });

  test("a purge skips an entry with a legal hold, and deletes it once the hold is released", async () => {
    await erasedCanary();
    const { id } = await onlyEntry();
    await setDue(id);
    await holdArchiveEntry("user_admin", id, "case 12");
    expect(await purgeDueEntries()).toBe(0);
    await expect(purgeArchiveEntry("user_admin", id, "no longer needed")).rejects.toThrow(
      "Release it first",
    );
    await expect(holdArchiveEntry("user_admin", id, "case 13")).rejects.toThrow("already");
    await releaseArchiveEntry("user_admin", id, "case 12 closed");
    expect(await purgeDueEntries()).toBe(1);
  });

  test("a purge removes the reasons that admins gave for the entry, and keeps its own", async () => {
    const reasonsOf = async (id: string) =>
      (
        await sql(
          "SELECT action, detail ->> 'reason' AS reason FROM audit_log WHERE subject = $1 ORDER BY id",
          [id],
        )
      ).rows;
    const dueAndByHand = [
      async (id: string) => {
        await setDue(id);
        await purgeDueEntries();
      },
      (id: string) => purgeArchiveEntry("user_admin", id, "ticket 9"),
    ];
    for (const purge of dueAndByHand) {
      const { id: person } = await erasedCanary();
      const { id } = await onlyEntry();
      await lookUp(person);
      await holdArchiveEntry("user_admin", id, "Ada Byron sues");
      await releaseArchiveEntry("user_admin", id, "Ada Byron has won");
      await expect(
        sql("UPDATE audit_log SET detail = detail - 'reason' WHERE subject = $1", [id]),
      ).rejects.toThrow("append-only");
      await purge(id);
      const reasons = await reasonsOf(id);
      expect(reasons.filter(({ reason }) => reason !== null)).toMatchObject([
        { action: "archive.purged" },
      ]);
      expect(reasons.length).toBeGreaterThanOrEqual(4);
    }
  });

  test("a purge waits for a transaction that sets a hold, and then skips the entry", async () => {
    await erasedCanary();
    const { id } = await onlyEntry();
    await setDue(id);
    const admin = new pg.Client({ connectionString: env().databaseUrl });
    await admin.connect();
    await admin.query("BEGIN");
    await admin.query("UPDATE rollcall_archive.archive_entries SET held_at = now() WHERE id = $1", [
      id,
    ]);
    const purging = purgeDueEntries();
    const isWaiting = async () =>
      (
        await sql(
          "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
      ).rowCount;
    await expect.poll(isWaiting).toBe(1);
    await admin.query("COMMIT");
    await admin.end();
    expect(await purging).toBe(0);
    expect((await listArchive()).heldCount).toBe(1);
  });

  test.each(["the user's id", "the entry's key"])(
    "a purge waits for a lookup by %s, and then removes the lookup's reason too",
    async (by) => {
      const { id: userId } = await erasedCanary();
      const { id } = await onlyEntry();
      const waits = async () =>
        (
          await sql(
            "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
          )
        ).rowCount;
      const blocker = new pg.Client({ connectionString: env().databaseUrl });
      await blocker.connect();
      // Stops the lookup after it has read the entry, and before it is audited.
      await sql(
        `CREATE FUNCTION stop_lookup() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN NEW; END'`,
      );
      await sql(
        "CREATE TRIGGER stop_lookup BEFORE INSERT ON audit_log FOR EACH ROW WHEN (NEW.action = 'archive.looked_up') EXECUTE FUNCTION stop_lookup()",
      );
      try {
        await blocker.query("SELECT pg_advisory_lock(4711)");
        const lookup = lookUp(by === "the entry's key" ? id : userId);
        await expect.poll(waits).toBe(1);
        const purge = purgeArchiveEntry("user_admin", id, "asked by law");
        await expect.poll(waits).toBe(2);
        await blocker.query("SELECT pg_advisory_unlock(4711)");
        expect(await lookup).toMatchObject([{ entry: { id } }]);
        await purge;
      } finally {
        await blocker.end();
        await sql("DROP FUNCTION stop_lookup CASCADE");
      }
      const [audit] = (await audited("archive.looked_up")).filter(({ subject }) => subject === id);
      expect(audit).toMatchObject({ detail: { found: 1 } });
      expect(audit.detail).not.toHaveProperty("reason");
    },
  );

  test("purging an entry by hand needs a reason, and a later hold on that entry is refused", async () => {
    await erasedCanary();
    const { id } = await onlyEntry();
    await expect(purgeArchiveEntry("user_admin", id, "")).rejects.toThrow("Give a reason");
    await purgeArchiveEntry("user_admin", id, "asked for by the person, ticket 9");
    expect((await listArchive()).count).toBe(0);
    await expect(holdArchiveEntry("user_admin", id, "late")).rejects.toThrow(
      "may have been purged",
    );
  });
});

describe("keys", () => {
  test("the archive cannot be decrypted with a different key, even if that key has the id of the right one", async () => {
    const canary = await erasedCanary();
    const { id } = await onlyEntry();
    useKeys({ id: "test", key: Buffer.alloc(32, 1) });
    await expect(lookUp(canary.id)).rejects.toThrow("Its key does not fit");
    expect(await lookUp(id)).toMatchObject([
      { content: null, problem: expect.stringContaining("does not fit") },
    ]);
  });

  test("the encrypted content of an entry cannot be decrypted after it was copied to another entry", async () => {
    const [one, other] = [await erasedCanary(), await erasedCanary()];
    await sql(
      `UPDATE rollcall_archive.archive_entries e SET sealed = o.sealed FROM rollcall_archive.archive_entries o WHERE o.id <> e.id`,
    );
    for (const { id } of [one, other]) {
      expect(await lookUp(id)).toMatchObject([
        { content: null, problem: expect.stringContaining("does not fit") },
      ]);
    }
  });

  test("rotate-key encrypts every key again, after which the former key is not needed, and a second run changes nothing", async () => {
    const canary = await erasedCanary();
    useKeys(otherKey, ...initialKeys);
    expect(await rotateArchiveKey("npm run archive")).toEqual({ current: "2027", count: 2 });
    expect(await rotateArchiveKey("npm run archive")).toEqual({ current: "2027", count: 0 });
    useKeys(otherKey);
    expect(await lookUp(canary.id)).toMatchObject([
      { content: { purchases: [{ values: { amount: "2200" } }] } },
    ]);
  });

  test("rotate-key without the former key names its id, and changes nothing", async () => {
    await erasedCanary();
    useKeys(otherKey);
    await expect(rotateArchiveKey("npm run archive")).rejects.toThrow("2 by test");
    useKeys(...initialKeys);
    expect((await listArchive()).problem).toBeNull();
  });

  test("an older backup of archive_keys restores no key of a purged entry, and an entry without its key is reported and can be purged", async () => {
    const [purged, kept] = [await erasedCanary(), await erasedCanary()];
    const [{ entry } = { entry: { id: "" } }] = await lookUp(purged.id);
    await sql("CREATE TEMP TABLE backup AS SELECT * FROM rollcall_archive.archive_keys");
    const backup = (await sql("SELECT * FROM rollcall_archive.archive_keys")).rows;
    await purgeArchiveEntry("user_admin", entry.id, "ticket 9");
    const later = await erasedCanary();
    await sql("TRUNCATE rollcall_archive.archive_keys");
    const restored = await Promise.allSettled(
      backup.map(({ entry_id, wrapped_by, wrapped }) =>
        sql("INSERT INTO rollcall_archive.archive_keys VALUES ($1, $2, $3)", [
          entry_id,
          wrapped_by,
          wrapped,
        ]),
      ),
    );
    expect(restored.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await lookUp(kept.id)).toMatchObject([{ problem: null }]);
    const [found] = await lookUp(later.id);
    expect(found).toMatchObject({
      content: null,
      problem: expect.stringContaining("Its key is missing"),
    });
    await expect(addArchiveNote("user_admin", found?.entry.id ?? "", "x")).rejects.toThrow(
      "missing",
    );
    await setDue(found?.entry.id ?? "");
    expect(await purgeDueEntries()).toBe(1);
  });
});

test("npm run archive can look up, annotate, hold, release and purge an entry, and each action is audited with the command as the actor", async () => {
  const canary = await erasedCanary();
  const { id } = await onlyEntry();
  const found = await runArchive(["lookup", canary.id, "--reason", REASON]);
  expect(found).toContain(`${id}  user, deleted `);
  expect(found).toContain('"amount":"2200"');
  await runArchive(["note", id, "Refunded by hand."]);
  await runArchive(["hold", id, "--reason", "case 12"]);
  await expect(runArchive(["purge", id, "--reason", "x"])).rejects.toThrow("Release it first");
  expect(await runArchive(["lookup", id, "--reason", REASON])).toMatch(
    /legal hold since[\s\S]*Refunded by hand\.[\s\S]*archive\.held \(case 12\)/,
  );
  await runArchive(["release", id, "--reason", "closed"]);
  await runArchive(["purge", id, "--reason", "ticket 9"]);
  expect(await runArchive(["lookup", canary.id, "--reason", REASON])).toMatch(/^No entry/);
  const { rows } = await sql(
    "SELECT action FROM audit_log WHERE actor = 'npm run archive' AND subject = $1 ORDER BY id",
    [id],
  );
  expect(rows.map(({ action }) => action)).toEqual([
    "archive.looked_up",
    "archive.noted",
    "archive.held",
    "archive.looked_up",
    "archive.released",
    "archive.purged",
  ]);
});

test.each([
  [[]],
  [["lookup", "user_1"]],
  [["purge", "--reason", "x"]],
  [["note", "key"]],
  [["rotate-key", "--reason", "x"]],
  [["constructor"]],
])("npm run archive with the arguments %j prints its usage", async (args) => {
  await expect(runArchive(args)).rejects.toThrow("Usage: npm run archive");
});

test("the roles of the API and of SQL readers cannot read the archive, and the archive's role can read nothing else", async () => {
  await erasedCanary();
  const client = await pool.connect();
  const as = async (role: string, text: string) => {
    await client.query("BEGIN");
    try {
      await client.query(`SELECT set_config('role', ${role}, true)`);
      return (await client.query(text)).rowCount;
    } finally {
      await client.query("ROLLBACK");
    }
  };
  try {
    for (const role of ["viewer_role()", "reader_role()"]) {
      for (const table of [
        "archive_entries",
        "archive_keys",
        "archive_lookups",
        "archive_lookup_key",
      ]) {
        await expect(as(role, `SELECT FROM rollcall_archive.${table}`)).rejects.toThrow(
          "permission denied",
        );
      }
    }
    await expect(as("archive_role()", "SELECT FROM public.users")).rejects.toThrow(
      "permission denied",
    );
    expect(await as("archive_role()", "SELECT FROM rollcall_archive.archive_entries")).toBe(1);
  } finally {
    client.release();
  }
});
