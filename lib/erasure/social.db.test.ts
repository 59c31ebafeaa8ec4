/** Tests the erasure of a person's data in the sample product. */
import { beforeEach, expect, test } from "vitest";
import { makeCanary } from "../../dev/testing/canary-person";
import { deletedJson, event } from "../../dev/testing/clerk-payloads";
import { findInDatabase } from "../../dev/testing/personal-data-scan";
import { sendWebhook } from "../../dev/testing/webhook";
import { database } from "../db";
import { saveProfile } from "../social/profiles";
import { runErasures } from "./erase";
import { undoErasure } from "./hold";

const { pool, prisma } = database();
const sql = (text: string, values: unknown[] = []) => pool.query(text, values);

beforeEach(async () => {
  await sql("TRUNCATE users, erasures, erased_ids, profile_handles CASCADE");
});

const deleteUser = async (id: string) =>
  expect(await sendWebhook(event("user.deleted", deletedJson(id)))).toBe(200);

/** Runs all erasures until they are done, as if their deadlines had passed. */
async function finish(): Promise<void> {
  await sql("UPDATE erasures SET deleted_at = deleted_at - interval '60 s'");
  expect(await runErasures()).toBeNull();
}

test("an erasure removes the person's follows and blocks, and corrects the counts of other profiles", async () => {
  const canary = await makeCanary();
  await deleteUser(canary.id);
  await finish();
  expect(await prisma.profile.findMany({ where: { userId: canary.friendId } })).toMatchObject([
    { followersCount: 0, followingCount: 0 },
  ]);
  expect(await prisma.follow.count()).toBe(0);
  expect(await prisma.block.count()).toBe(0);
  expect(await prisma.wishlistItem.count()).toBe(0);
});

test("a deleted person with 2,500 followers is hidden at once and erased in batches, and the followers' counts are correct", async () => {
  const canary = await makeCanary();
  await sql(
    "INSERT INTO users (id, version) SELECT 'user_fan' || i, 1 FROM generate_series(1, 2500) i",
  );
  await sql(
    "INSERT INTO profiles (id, user_id, handle, is_private) SELECT 'fan' || i, 'user_fan' || i, 'fan_' || i, false FROM generate_series(1, 2500) i",
  );
  await sql(
    "INSERT INTO follows (id, follower_id, followed_id, is_accepted) SELECT 'fan' || i, 'user_fan' || i, $1, true FROM generate_series(1, 2500) i",
    [canary.id],
  );
  await deleteUser(canary.id);
  expect(await prisma.profile.findUnique({ where: { userId: canary.id } })).toMatchObject({
    isBanned: true,
    firstName: null,
    bio: null,
  });
  await finish();
  expect(await findInDatabase(canary.traces)).toEqual([]);
  expect(await prisma.follow.count()).toBe(0);
  expect(await prisma.profile.count({ where: { followingCount: { not: 0 } } })).toBe(0);
  const { counts } = await prisma.erasure.findFirstOrThrow();
  expect(counts).toMatchObject({ follows: 2502 });
});

test("during the holdback, a deleted user's profile is hidden and not counted, until the deletion is undone", async () => {
  await sql(
    `INSERT INTO sync_facts (name, value) VALUES ('erasure_settings', '{"holdbackSeconds":60}')`,
  );
  const canary = await makeCanary();
  const [own, friends] = [{ userId: canary.id }, { userId: canary.friendId }];
  const shown = () => prisma.profile.findMany({ orderBy: { id: "asc" } });
  const before = await shown();
  await deleteUser(canary.id);
  expect(await prisma.profile.findUnique({ where: own })).toMatchObject({ isBanned: true });
  expect(await prisma.profile.findUnique({ where: friends })).toMatchObject({
    followersCount: 0,
    followingCount: 0,
  });
  await undoErasure(canary.id, { actor: "user_admin", reason: "wrong file" });
  expect(await shown()).toEqual(before);
  await sql("DELETE FROM sync_facts WHERE name = 'erasure_settings'");
});

test("an erased user's handle, or a handle that looks like it, cannot be claimed", async () => {
  const canary = await makeCanary();
  const handle = (await prisma.profile.findUniqueOrThrow({ where: { userId: canary.id } })).handle;
  await deleteUser(canary.id);
  await finish();
  const claim = (name: string) =>
    saveProfile(canary.friendId, { handle: name, bio: null, isPrivate: false });
  expect(await claim(handle)).toMatchObject([{ field: "handle" }]);
  await sql(
    "UPDATE profile_handles SET released_at = now() - interval '91 days' WHERE user_id IS NULL",
  );
  expect(await claim(handle)).toEqual([]);
});
