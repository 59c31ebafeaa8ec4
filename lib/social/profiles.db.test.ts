/**
 * Tests profiles and follows through the API and on a real database: who can read what, and whether the stored counts match the
 * rows.
 */
import { beforeEach, describe, expect, test, vi } from "vitest";
import { POST } from "@/app/api/graphql/route";
import { POST as STREAM } from "@/app/api/graphql/stream/route";
import { clerkId, deletedJson, event, userJson } from "@/dev/testing/clerk-payloads";
import { caughtUp, listening } from "@/dev/testing/listening";
import { deliver, mirrorUser } from "@/dev/testing/mirror";
import { signToken } from "@/dev/testing/sign";
import { database, transaction } from "../db";
import { ensureHandle } from "../identity/handle";
import type { LiveMessage } from "../live/message";
import { allCountries } from "./countries";
import { FEED, FeedWatch } from "./feed-watch";
import { acceptRequest, block, follow, removeFollower, unblock, unfollow } from "./follows";
import { skeletonOf } from "./handle";
import { deleteReleasedHandles, ensureProfile, saveProfile } from "./profiles";
import { addToWishlist, removeFromWishlist } from "./wishlist";

const sql = async (text: string, values: unknown[] = []) =>
  (await database().pool.query(text, values)).rows;

async function send(sub: string | null, query: string) {
  const token = sub && signToken(process.env.TEST_PRIVATE_KEY ?? "", { sub, sid: clerkId("sess") });
  const response = await POST(
    new Request("https://rollcall.test/api/graphql", {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(token && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query }),
    }),
  );
  return response.json();
}

async function read(sub: string | null, query: string) {
  const { data, errors } = await send(sub, query);
  expect(errors).toBeUndefined();
  return data;
}

type Person = { id: string; profileId: string; handle: string };
let made = 0;

/** Creates a user with a profile. */
async function person(isPrivate = false, fields: Record<string, unknown> = {}): Promise<Person> {
  const id = clerkId("user");
  made += 1;
  const handle = `tester_${made.toString(36).replaceAll(/[^2-9a-h]/g, "z")}x${made}`;
  await mirrorUser(id, { first_name: `Tester ${made}`, ...fields });
  expect(await saveProfile(id, { handle, bio: null, isPrivate })).toEqual([]);
  return { id, handle, profileId: await profileIdOf(id) };
}

async function profileIdOf(userId: string): Promise<string> {
  const [row] = await sql("SELECT id FROM profiles WHERE user_id = $1", [userId]);
  return row?.id;
}

const follows = (one: Person, other: Person) =>
  transaction((db) => follow(db, one.id, other.profileId));

const save = (who: Person, handle: string, isPrivate = false) =>
  saveProfile(who.id, { handle, bio: null, isPrivate });

const ban = (who: Person, banned: boolean, updated_at: number) =>
  deliver(event("user.updated", userJson({ id: who.id, banned, updated_at }), updated_at));

/**
 * Finds profiles whose stored counts are wrong. A follow counts only if it is accepted and the other person is neither banned nor
 * deleted.
 */
const wrongCounts = () =>
  sql(`SELECT p.handle, p.followers_count, p.following_count FROM profiles p WHERE
    p.followers_count <> (SELECT count(*) FROM follows f JOIN users u ON u.id = f.follower_id
      WHERE f.followed_id = p.user_id AND f.is_accepted AND NOT u.is_banned AND NOT u.deleted)
    OR p.following_count <> (SELECT count(*) FROM follows f JOIN users u ON u.id = f.followed_id
      WHERE f.follower_id = p.user_id AND f.is_accepted AND NOT u.is_banned AND NOT u.deleted)`);

const countsOf = async ({ id }: Person) => {
  const [row] = await sql(
    "SELECT followers_count AS followers, following_count AS following FROM profiles WHERE user_id = $1",
    [id],
  );
  return row;
};

const found = async (sub: string | null, { handle }: Person) =>
  (await read(sub, `{ profile(handle: "${handle}") { handle } }`)).profile !== null;

/**
 * Resolves to what a viewer can read of a profile: `isReadable`, and the lengths of the lists (wishlist, followers, followed
 * people). Null if the viewer cannot find the profile.
 */
async function readable(sub: string | null, { handle }: Person) {
  const { profile } = await read(
    sub,
    `{ profile(handle: "${handle}") { isReadable wishlist { edges { node { id } } }
      followers { edges { node { follower { handle } } } } following { edges { node { followed { handle } } } } } }`,
  );
  if (!profile) return null;
  const { isReadable, wishlist, followers, following } = profile;
  const lengths = [wishlist, followers, following].map(({ edges }) => edges.length);
  return { isReadable, lengths };
}

beforeEach(listening);

describe("a handle", () => {
  test("anyone, even a guest, can find a profile by its handle in upper or lower case", async () => {
    const ada = await person();
    const { profile } = await read(
      null,
      `{ profile(handle: "@${ada.handle.toUpperCase()}") { handle name } }`,
    );
    expect(profile).toMatchObject({ handle: ada.handle });
  });

  test("when forty people choose look-alike handles at the same time, exactly one person gets a handle", async () => {
    const people = await Promise.all(Array.from({ length: 40 }, () => mirrored()));
    const spellings = ["oslo", "0slo", "osl0", "os_lo"];
    const saved = await Promise.all(
      people.map((id, index) =>
        saveProfile(id, { handle: spellings[index % 4] ?? "", bio: null, isPrivate: false }),
      ),
    );
    const winners = saved.filter((errors) => Array.isArray(errors) && errors.length === 0);
    expect(winners).toHaveLength(1);
    expect(saved.filter((errors) => errors !== winners[0])[0]).toMatchObject([
      { field: "handle", message: expect.stringContaining("looks too much like") },
    ]);
    const owners = await sql("SELECT user_id FROM profile_handles WHERE skeleton = 'oslo'");
    expect(owners).toHaveLength(1);
  });

  test("an old handle still leads to the profile, and no other user can claim it for 90 days", async () => {
    const [ada, ben] = [await person(), await person()];
    expect(await save(ada, "lovelace")).toEqual([]);
    expect(
      (await read(null, `{ profile(handle: "${ada.handle}") { handle } }`)).profile.handle,
    ).toBe("lovelace");
    expect(await save(ben, ada.handle)).toMatchObject([{ field: "handle" }]);
    const release = (days: number) =>
      sql(
        "UPDATE profile_handles SET released_at = now() - $2 * interval '1 day' WHERE handle = $1",
        [ada.handle, days],
      );
    await release(89);
    expect(await save(ben, ada.handle)).toMatchObject([{ field: "handle" }]);
    await release(91);
    expect(await save(ben, ada.handle)).toEqual([]);
    expect(
      (await read(null, `{ profile(handle: "${ada.handle}") { handle } }`)).profile.handle,
    ).toBe(ada.handle);
  });

  test("a user can take back an old handle of their own", async () => {
    const ada = await person();
    await save(ada, "countess");
    expect(await save(ada, ada.handle)).toEqual([]);
    const rows = await sql(
      "SELECT handle, released_at IS NULL AS current FROM profile_handles WHERE user_id = $1 AND handle NOT LIKE 'member\\_%' ORDER BY 1",
      [ada.id],
    );
    expect(rows).toEqual([
      { handle: "countess", current: false },
      { handle: ada.handle, current: true },
    ]);
  });

  test("a handle can be changed twice in 30 days, and again once the first change is 30 days old", async () => {
    const ada = await person();
    expect(await save(ada, "first_change")).toEqual([]);
    expect(await save(ada, "second_change")).toEqual([]);
    expect(await save(ada, "third_change")).toMatchObject([
      {
        field: "handle",
        message: expect.stringMatching(/^You changed your handle twice .* on \d+ \w+ \d{4}\.$/),
      },
    ]);
    const { handleChangeableFrom } = await read(ada.id, "{ handleChangeableFrom }");
    expect(Date.parse(handleChangeableFrom) - Date.now()).toBeGreaterThan(29 * 86_400_000);
    // The other fields can still be saved.
    expect(await save(ada, "second_change", true)).toEqual([]);
    await sql(
      "UPDATE profiles SET handle_changes[1] = now() - interval '31 days' WHERE user_id = $1",
      [ada.id],
    );
    expect(await save(ada, "third_change")).toEqual([]);
    expect(await save(ada, "fourth_change")).toMatchObject([{ field: "handle" }]);
  });

  test("two concurrent handle changes by one person leave one current handle", async () => {
    const ada = await person();
    await Promise.all([save(ada, "parallel_a"), save(ada, "parallel_b")]);
    const rows = await sql(
      "SELECT h.handle = p.handle AS same FROM profile_handles h JOIN profiles p USING (user_id) WHERE user_id = $1 AND released_at IS NULL",
      [ada.id],
    );
    expect(rows).toEqual([{ same: true }]);
  });

  test("of four concurrent handle changes by one person, two succeed", async () => {
    const ada = await person();
    const handles = ["parallel_c", "parallel_d", "parallel_e", "parallel_f"];
    const results = await Promise.all(handles.map((each) => save(ada, each)));
    expect(results.filter((errors) => errors.length === 0)).toHaveLength(2);
  });

  test.each(["admin", "supp0rt", "x", "a-b-c", "ad\u0430m_x"])(
    "saveProfile refuses the handle %j with a message",
    async (handle) => {
      const ada = await person();
      const { saveProfile: errors } = await read(
        ada.id,
        `mutation { saveProfile(handle: ${JSON.stringify(handle)}, isPrivate: false) { field message } }`,
      );
      expect(errors).toEqual([{ field: "HANDLE", message: expect.stringMatching(/\.$/) }]);
    },
  );

  test("saveProfile with a refused handle saves no other field", async () => {
    const ada = await person();
    await saveProfile(ada.id, { handle: "admin", bio: "Hello", isPrivate: true });
    const [row] = await sql("SELECT bio, is_private FROM profiles WHERE user_id = $1", [ada.id]);
    expect(row).toEqual({ bio: null, is_private: false });
  });

  test("a bio of more than 300 characters is refused, and an emoji counts as one character", async () => {
    const ada = await person();
    const saveBio = (bio: string) =>
      saveProfile(ada.id, { handle: ada.handle, bio, isPrivate: false });
    expect(await saveBio("\u{1f98a}".repeat(301))).toMatchObject([{ field: "bio" }]);
    expect(await saveBio("\u{1f98a}".repeat(300))).toEqual([]);
  });

  test("saveProfile with a refused bio does not change the handle", async () => {
    const ada = await person();
    const input = { handle: `${ada.handle}_b`, bio: "x".repeat(301), isPrivate: false };
    expect(await saveProfile(ada.id, input)).toMatchObject([{ field: "bio" }]);
    expect(await sql("SELECT handle FROM profiles WHERE user_id = $1", [ada.id])).toEqual([
      { handle: ada.handle },
    ]);
  });

  test("released handles are deleted after 90 days", async () => {
    const ada = await person();
    await save(ada, "kept_handle");
    await sql(
      "UPDATE profile_handles SET released_at = now() - interval '91 days' WHERE handle = $1",
      [ada.handle],
    );
    await deleteReleasedHandles(database().pool);
    const rows = await sql(
      "SELECT handle FROM profile_handles WHERE user_id = $1 AND handle NOT LIKE 'member\\_%'",
      [ada.id],
    );
    expect(rows).toEqual([{ handle: "kept_handle" }]);
  });
});

async function mirrored(fields: Record<string, unknown> = {}): Promise<string> {
  const id = clerkId("user");
  await mirrorUser(id, fields);
  return id;
}

describe("a profile", () => {
  test("a user without a profile cannot be found, and their wishlist is not public", async () => {
    const id = await mirrored();
    await addToWishlist(database().pool, id, "PT");
    expect(await read(id, "{ viewer { profile { handle } } }")).toEqual({
      viewer: { profile: null },
    });
    expect((await read(null, `{ profile(handle: "${id}") { handle } }`)).profile).toBeNull();
  });

  test("a user without a profile who follows a person gets one private profile with a generated handle", async () => {
    const [ada, id] = [await person(), await mirrored()];
    await Promise.all(
      Array.from({ length: 8 }, () => transaction((db) => follow(db, id, ada.profileId))),
    );
    const rows = await sql("SELECT handle, is_private FROM profiles WHERE user_id = $1", [id]);
    expect(rows).toEqual([{ handle: expect.stringMatching(/^member_/), is_private: true }]);
    expect(await countsOf(ada)).toEqual({ followers: 1, following: 0 });
    // Choosing a handle in place of the generated one does not count as a change.
    for (const handle of [`chosen_${made}`, `chosen_a${made}`, `chosen_b${made}`])
      expect(await saveProfile(id, { handle, bio: null, isPrivate: true })).toEqual([]);
  });

  test("the name of a profile whose user has no name is the handle, never the e-mail address", async () => {
    const ada = await person(false, { first_name: null, last_name: null, username: null });
    const { profile } = await read(null, `{ profile(handle: "${ada.handle}") { name } }`);
    expect(profile.name).toBe(`@${ada.handle}`);
  });

  test("a user with a phone number alone sees it as their own name, and others see the handle; a username is public", async () => {
    const none = { first_name: null, last_name: null, email_addresses: [] };
    const number = { id: `idn_${made}`, phone_number: "+12025550123", verification: null };
    const byPhone = await person(false, {
      ...{ ...none, username: null, primary_email_address_id: null },
      ...{ phone_numbers: [number], primary_phone_number_id: number.id },
    });
    const own = await read(byPhone.id, "{ viewer { name email profile { name handle } } }");
    expect(own.viewer).toMatchObject({
      ...{ name: number.phone_number, email: null },
      profile: { name: `@${byPhone.handle}`, handle: byPhone.handle },
    });
    const username = `user_x${made}`;
    const byName = await person(false, { ...none, username });
    const { profile } = await read(null, `{ profile(handle: "${byName.handle}") { name } }`);
    expect(profile.name).toBe(username);
  });

  test("viewer.handle is the generated handle until the user chooses one, and then always that of the profile", async () => {
    const id = await mirrored();
    const handles = () => read(id, "{ viewer { handle profile { handle } } }");
    const { viewer } = await handles();
    expect(viewer).toEqual({ handle: expect.stringMatching(/^member_/), profile: null });
    await transaction((db) => ensureProfile(db, id));
    expect((await handles()).viewer.profile).toEqual({ handle: viewer.handle });
    const chosen = `picked_${made}`;
    expect(await saveProfile(id, { handle: chosen, bio: null, isPrivate: false })).toEqual([]);
    await expect
      .poll(async () => (await handles()).viewer)
      .toEqual({ handle: chosen, profile: { handle: chosen } });
    // As after a deletion that was undone: the row is made again.
    await sql("DELETE FROM handles WHERE user_id = $1", [id]);
    expect(await ensureHandle(id)).toBe(chosen);
  });

  test("a generated handle that looks like another user's is replaced when the profile is created", async () => {
    const [id, other] = [await mirrored(), await mirrored()];
    const generated = (await ensureHandle(id)) ?? "";
    await sql("INSERT INTO profile_handles (skeleton, handle, user_id) VALUES ($1, $2, $3)", [
      skeletonOf(generated),
      generated.replace("m", "rn"),
      other,
    ]);
    expect(await transaction((db) => ensureProfile(db, id))).toBe(true);
    const rows = await sql(
      "SELECT p.handle, h.user_id FROM profiles p JOIN profile_handles h USING (handle) WHERE p.user_id = $1",
      [id],
    );
    expect(rows).toEqual([{ handle: expect.not.stringMatching(generated), user_id: id }]);
  });

  test("a profile that was deleted with its user's row is created again with the same handle", async () => {
    const id = await mirrored();
    await ensureHandle(id);
    await transaction((db) => ensureProfile(db, id));
    const profile = () => sql("SELECT handle FROM profiles WHERE user_id = $1", [id]);
    const before = await profile();
    await sql("DELETE FROM profiles WHERE user_id = $1", [id]);
    expect(await transaction((db) => ensureProfile(db, id))).toBe(true);
    expect(await profile()).toEqual(before);
  });

  test("a profile has the new name and picture after its user changed them", async () => {
    const ada = await person();
    const updated_at = 1_790_000_001_000;
    const fields = {
      first_name: "Augusta",
      last_name: "King",
      image_url: "https://img.test/new.png",
    };
    await deliver(
      event("user.updated", userJson({ id: ada.id, ...fields, updated_at }), updated_at),
    );
    const { profile } = await read(null, `{ profile(handle: "${ada.handle}") { name imageUrl } }`);
    expect(profile).toEqual({ name: "Augusta King", imageUrl: "https://img.test/new.png" });
  });

  test("a guest can read a public profile with its wishlist and follow lists", async () => {
    const [ada, ben] = [await person(), await person()];
    await addToWishlist(database().pool, ada.id, "PT");
    await follows(ada, ben);
    await follows(ben, ada);
    expect(await readable(null, ada)).toEqual({ isReadable: true, lengths: [1, 1, 1] });
  });

  test("a guest can read the name and the counts of a private profile, but not its wishlist and follow lists", async () => {
    const [ada, ben] = [await person(true), await person(true)];
    await addToWishlist(database().pool, ada.id, "PT");
    await follows(ada, ben);
    await sql("UPDATE follows SET is_accepted = true");
    const guest = await readable(null, ada);
    expect(guest).toEqual({ isReadable: false, lengths: [0, 0, 0] });
    const { profile } = await read(
      null,
      `{ profile(handle: "${ada.handle}") { name isPrivate followingCount following { totalCount } wishlist { totalCount } } }`,
    );
    expect(profile).toMatchObject({
      isPrivate: true,
      followingCount: 1,
      following: { totalCount: 0 },
      wishlist: { totalCount: 0 },
    });
  });

  test("accepted followers can read a private profile, and people with a pending request cannot", async () => {
    const [ada, ben] = [await person(true), await person()];
    await addToWishlist(database().pool, ada.id, "PT");
    expect(await follows(ben, ada)).toEqual({ state: "requested", isNew: true });
    expect(await readable(ben.id, ada)).toMatchObject({ isReadable: false, lengths: [0, 0, 0] });
    expect(
      (
        await read(
          ada.id,
          "{ followRequests { totalCount edges { node { follower { handle } } } } }",
        )
      ).followRequests,
    ).toEqual({
      totalCount: 1,
      edges: [{ node: { follower: { handle: ben.handle } } }],
    });
    const accept = `mutation { acceptFollowRequest(profileId: "${ben.profileId}") }`;
    expect(await read(ada.id, accept)).toEqual({ acceptFollowRequest: true });
    expect(await read(ada.id, accept)).toEqual({ acceptFollowRequest: false });
    expect(await readable(ben.id, ada)).toMatchObject({ isReadable: true, lengths: [1, 1, 0] });
    expect(await countsOf(ada)).toEqual({ followers: 1, following: 0 });
  });

  test("a declined follow request is deleted and can be sent again", async () => {
    const [ada, ben] = [await person(true), await person()];
    await follows(ben, ada);
    await read(ada.id, `mutation { removeFollower(profileId: "${ben.profileId}") }`);
    expect(await follows(ben, ada)).toEqual({ state: "requested", isNew: true });
    expect(await countsOf(ada)).toEqual({ followers: 0, following: 0 });
  });

  test("a follow request can be accepted only by the person who received it", async () => {
    const [ada, ben] = [await person(true), await person()];
    await follows(ben, ada);
    await read(ben.id, `mutation { acceptFollowRequest(profileId: "${ada.profileId}") }`);
    expect(await countsOf(ada)).toEqual({ followers: 0, following: 0 });
  });

  test("pending follow requests are accepted when a profile becomes public", async () => {
    const [ada, ben, cem] = [await person(true), await person(), await person()];
    await follows(ben, ada);
    await follows(cem, ada);
    expect(await save(ada, ada.handle, false)).toEqual([]);
    expect(await countsOf(ada)).toEqual({ followers: 2, following: 0 });
    expect(await wrongCounts()).toEqual([]);
  });

  test("a profile that becomes private keeps its followers", async () => {
    const [ada, ben] = [await person(), await person()];
    await addToWishlist(database().pool, ada.id, "PT");
    await follows(ben, ada);
    await save(ada, ada.handle, true);
    expect(await readable(ben.id, ada)).toMatchObject({ lengths: [1, 1, 0] });
    expect(await readable(null, ada)).toMatchObject({ lengths: [0, 0, 0] });
  });
});

test("removing a country from one wishlist leaves it on the wishlists of other people", async () => {
  const [ada, ben] = [await person(), await person()];
  const { pool } = database();
  for (const each of [ada, ben]) await addToWishlist(pool, each.id, "PT");
  expect(await removeFromWishlist(pool, ada.id, "PT")).toBe(true);
  expect(await removeFromWishlist(pool, ada.id, "PT")).toBe(false);
  expect(await readable(null, ben)).toMatchObject({ lengths: [1, 0, 0] });
});

describe("follows", () => {
  test("a second follow or unfollow of the same profile changes nothing", async () => {
    const [ada, ben] = [await person(), await person()];
    expect(await follows(ben, ada)).toEqual({ state: "following", isNew: true });
    expect(await follows(ben, ada)).toEqual({ state: "following", isNew: false });
    const stop = () => transaction((db) => unfollow(db, ben.id, ada.profileId));
    expect([await stop(), await stop()]).toEqual([true, false]);
    expect(await countsOf(ada)).toEqual({ followers: 0, following: 0 });
  });

  test("following oneself or an unknown profile, or a follow by an unmirrored user, is refused", async () => {
    const ada = await person();
    expect(await follows(ada, ada)).toEqual({ refused: "self" });
    expect(await transaction((db) => follow(db, ada.id, "nothing"))).toEqual({
      refused: "not-found",
    });
    expect(await transaction((db) => follow(db, clerkId("user"), ada.profileId))).toEqual({
      refused: "no-user",
    });
  });

  test("the owner of a profile can remove a follower", async () => {
    const [ada, ben] = [await person(), await person()];
    await follows(ben, ada);
    expect(
      await read(ada.id, `mutation { removeFollower(profileId: "${ben.profileId}") }`),
    ).toEqual({
      removeFollower: true,
    });
    expect(await countsOf(ben)).toEqual({ followers: 0, following: 0 });
  });

  test("unfollowing, removing a follower and accepting a request leave the follows of other people unchanged", async () => {
    const [ada, ben, cem, dora] = [
      await person(true),
      await person(),
      await person(),
      await person(),
    ];
    for (const each of [ben, cem]) await follows(each, ada);
    for (const each of [ben, dora]) await follows(each, cem);
    const allFollows = () =>
      sql("SELECT follower_id, followed_id, is_accepted FROM follows ORDER BY created_at, id");
    const before = await allFollows();
    for (const act of [unfollow, removeFollower, acceptRequest])
      for (const [who, other] of [
        [dora, ada],
        [dora, ben],
        [ada, dora],
      ] as const)
        expect(await transaction((db) => act(db, who.id, other.profileId))).toBe(false);
    expect(await allFollows()).toEqual(before);
  });

  test("each person in a follow list has the viewer's own follow state", async () => {
    const [ada, ben, cem] = [await person(), await person(), await person(true)];
    for (const other of [ben, cem]) await follows(ada, other);
    for (const other of [ben, cem]) await follows(other, ada);
    const { profile } = await read(
      ada.id,
      `{ profile(handle: "${ada.handle}") { followers { edges { node { follower { handle followState isBlocked } } } } } }`,
    );
    expect(
      profile.followers.edges.map(({ node }: { node: { follower: unknown } }) => node.follower),
    ).toEqual([
      { handle: cem.handle, followState: "REQUESTED", isBlocked: false },
      { handle: ben.handle, followState: "FOLLOWING", isBlocked: false },
    ]);
  });

  test("the follow mutation without a viewer is refused with UNAUTHENTICATED", async () => {
    const ada = await person();
    const { errors } = await send(null, `mutation { follow(profileId: "${ada.profileId}") }`);
    expect(errors).toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
  });
});

describe("blocks", () => {
  test("a second block changes nothing, and neither a block of oneself nor one by a user who is not mirrored is stored", async () => {
    const [ada, ben] = [await person(), await person()];
    const blocks = (userId: string, profileId: string) =>
      transaction((db) => block(db, userId, profileId));
    expect(await blocks(ada.id, ben.profileId)).toBe("blocked");
    expect(await blocks(ada.id, ben.profileId)).toBe("already");
    expect(await blocks(ada.id, ada.profileId)).toBe("self");
    expect(await blocks(clerkId("user"), ben.profileId)).toBe("no-user");
    expect(await sql("SELECT blocked_id FROM blocks WHERE blocker_id = $1", [ada.id])).toEqual([
      { blocked_id: ben.id },
    ]);
  });

  test("a block ends the follows in both directions, and hides the blocker from the blocked person only", async () => {
    const [ada, ben, cem] = [await person(), await person(), await person()];
    await follows(ada, ben);
    await follows(ben, ada);
    expect(await read(ada.id, `mutation { block(profileId: "${ben.profileId}") }`)).toEqual({
      block: true,
    });
    expect(await countsOf(ada)).toEqual({ followers: 0, following: 0 });
    expect(await countsOf(ben)).toEqual({ followers: 0, following: 0 });
    expect([await found(ben.id, ada), await found(cem.id, ada), await found(null, ada)]).toEqual([
      false,
      true,
      true,
    ]);
    expect(await found(ada.id, ben)).toBe(true);
  });

  test("a blocked person does not find the blocker by an old handle, in lists, or by a follow", async () => {
    const [ada, ben, cem] = [await person(), await person(), await person()];
    await save(ada, `fresh_${ada.handle}`);
    await follows(ada, cem);
    await transaction((db) => block(db, ada.id, ben.profileId));
    expect(await found(ben.id, ada)).toBe(false);
    expect(await readable(ben.id, cem)).toMatchObject({ lengths: [0, 0, 0] });
    expect(await readable(null, cem)).toMatchObject({ lengths: [0, 1, 0] });
    expect(await follows(ben, ada)).toEqual({ refused: "not-found" });
  });

  test("the blocker cannot follow the blocked person before unblocking, and unblocking restores no follows", async () => {
    const [ada, ben] = [await person(), await person()];
    await follows(ada, ben);
    await transaction((db) => block(db, ada.id, ben.profileId));
    expect(await follows(ada, ben)).toEqual({ refused: "blocked" });
    const { blocks } = await read(
      ada.id,
      "{ blocks { edges { node { blocked { handle isBlocked } } } } }",
    );
    expect(blocks.edges).toEqual([{ node: { blocked: { handle: ben.handle, isBlocked: true } } }]);
    expect(await transaction((db) => unblock(db, ada.id, ben.profileId))).toBe(true);
    expect(await countsOf(ada)).toEqual({ followers: 0, following: 0 });
    expect(await follows(ada, ben)).toEqual({ state: "following", isNew: true });
  });

  test("unblocking a person ends no other person's block", async () => {
    const [ada, ben, cem] = [await person(), await person(), await person()];
    await transaction((db) => block(db, ada.id, cem.profileId));
    expect(await transaction((db) => unblock(db, ben.id, cem.profileId))).toBe(false);
    expect(await found(cem.id, ada)).toBe(false);
  });

  test("only the blocker can read a block", async () => {
    const [ada, ben] = [await person(), await person()];
    await transaction((db) => block(db, ada.id, ben.profileId));
    expect((await read(ben.id, "{ blocks { totalCount } }")).blocks.totalCount).toBe(0);
  });

  test("a block and a follow at the same time leave no follow", async () => {
    for (let round = 0; round < 10; round += 1) {
      const [ada, ben] = [await person(), await person()];
      await Promise.all([
        follows(ben, ada),
        transaction((db) => block(db, ada.id, ben.profileId)),
        follows(ada, ben),
      ]);
      const rows = await sql("SELECT FROM follows WHERE $1 IN (follower_id, followed_id)", [
        ada.id,
      ]);
      expect(rows).toEqual([]);
    }
  });
});

describe("banned and deleted users", () => {
  test("a banned user disappears from pages, lists and counts, and reappears when the ban ends", async () => {
    const [ada, ben, cem] = [await person(), await person(), await person()];
    await follows(ben, ada);
    await follows(ada, ben);
    await follows(cem, ada);
    await ban(ben, true, 1_790_000_002_000);
    await caughtUp();
    expect(await found(null, ben)).toBe(false);
    expect(await readable(null, ada)).toMatchObject({ lengths: [0, 1, 0] });
    expect(await countsOf(ada)).toEqual({ followers: 1, following: 0 });
    expect(await follows(cem, ben)).toEqual({ refused: "not-found" });
    expect(await wrongCounts()).toEqual([]);
    await ban(ben, false, 1_790_000_003_000);
    expect(await found(null, ben)).toBe(true);
    expect(await countsOf(ada)).toEqual({ followers: 2, following: 1 });
    expect(await wrongCounts()).toEqual([]);
  });

  test("a follow by a banned user is refused, also when the ban commits after the user was authenticated", async () => {
    const [ada, ben] = [await person(), await person()];
    await ban(ben, true, 1_790_000_002_000);
    expect(await follows(ben, ada)).toEqual({ refused: "not-found" });
    expect(await countsOf(ada)).toEqual({ followers: 0, following: 0 });
  });

  test("the follow request of a banned user is not listed", async () => {
    const [ada, ben] = [await person(true), await person()];
    await follows(ben, ada);
    await ban(ben, true, 1_790_000_002_000);
    expect(
      (
        await read(
          ada.id,
          "{ followRequests { totalCount edges { node { follower { handle } } } } }",
        )
      ).followRequests,
    ).toEqual({
      totalCount: 0,
      edges: [],
    });
  });

  test("after a user is deleted, profiles, follows, blocks and wishlists have neither their id nor their handle, and nobody else can take the handle", async () => {
    const [ada, ben, cem] = [await person(), await person(), await person()];
    await follows(ben, ada);
    await follows(ada, ben);
    await transaction((db) => block(db, ada.id, cem.profileId));
    await addToWishlist(database().pool, ada.id, "PT");
    await deliver(event("user.deleted", deletedJson(ada.id)));
    expect(await found(ben.id, ada)).toBe(false);
    expect(await countsOf(ben)).toEqual({ followers: 0, following: 0 });
    for (const [table, columns] of [
      ["wishlist_items", "user_id"],
      ["profiles", "user_id"],
      ["profile_handles", "user_id"],
      ["follows", "follower_id, followed_id"],
      ["blocks", "blocker_id, blocked_id"],
    ])
      expect(await sql(`SELECT FROM ${table} WHERE $1 IN (${columns})`, [ada.id])).toEqual([]);
    expect(await sql("SELECT FROM profile_handles WHERE handle = $1", [ada.handle])).toEqual([]);
    expect(await save(ben, ada.handle)).toMatchObject([{ field: "handle" }]);
    expect(await wrongCounts()).toEqual([]);
  });

  test("a deleted user gets no new wishlist item and no new profile", async () => {
    const ada = await person();
    await deliver(event("user.deleted", deletedJson(ada.id)));
    expect(await addToWishlist(database().pool, ada.id, "PT")).toBe("no-user");
    expect(await transaction((db) => ensureProfile(db, ada.id))).toBe(false);
  });

  test("deleting a user at the same time as a follow leaves no follow, and all counts are correct", async () => {
    for (let round = 0; round < 6; round += 1) {
      const [ada, ben] = [await person(), await person()];
      await Promise.all([
        follows(ben, ada),
        deliver(event("user.deleted", deletedJson(ben.id))),
        follows(ben, ada),
      ]);
      expect(await sql("SELECT FROM profiles WHERE user_id = $1", [ben.id])).toEqual([]);
      expect(await countsOf(ada)).toEqual({ followers: 0, following: 0 });
    }
    expect(await wrongCounts()).toEqual([]);
  });
});

test("after two hundred concurrent follows, unfollows, blocks, bans and deletions, all counts equal the rows", async () => {
  const people = await Promise.all(
    Array.from({ length: 12 }, (_, index) => person(index % 4 === 3)),
  );
  const pick = (index: number): Person => {
    const found = people[index % people.length];
    if (!found) throw new Error("no person");
    return found;
  };
  const work = Array.from({ length: 200 }, (_, index) => {
    // All 132 ordered pairs, and then the first 68 of them again.
    const [one, other] = [pick(index), pick(index + 1 + (Math.floor(index / 12) % 11))];
    if (index === 150) return deliver(event("user.deleted", deletedJson(pick(11).id)));
    if (index % 40 === 20) return ban(pick(index / 20), true, 1_790_000_004_000 + index);
    if (index % 17 === 0) return transaction((db) => block(db, one.id, other.profileId));
    if (index % 5 === 0) return transaction((db) => unfollow(db, one.id, other.profileId));
    return follows(one, other);
  });
  const results = await Promise.allSettled(work);
  expect(results.filter(({ status }) => status === "rejected")).toEqual([]);
  const [total] = await sql(
    "SELECT count(*)::int AS follows FROM follows WHERE follower_id = ANY($1)",
    [people.map(({ id }) => id)],
  );
  expect(total.follows).toBeGreaterThan(5);
  expect(await wrongCounts()).toEqual([]);
});

describe("the feed", () => {
  const feedOf = async (who: Person, first = 20) =>
    (
      await read(
        who.id,
        `{ viewer { feed(first: ${first}) { person { handle } country { name } } } }`,
      )
    ).viewer.feed;

  test("the feed lists the countries that followed people added, newest first", async () => {
    const [ada, ben, cem, dan] = [
      await person(),
      await person(),
      await person(true),
      await person(),
    ];
    for (const other of [ben, cem]) await follows(ada, other);
    for (const [who, country] of [
      [ben, "PT"],
      [dan, "IS"],
      [ben, "FR"],
      [cem, "DE"],
      [ada, "IT"],
    ] as const)
      await addToWishlist(database().pool, who.id, country);
    const ofBen = (name: string) => ({ person: { handle: ben.handle }, country: { name } });
    expect(await feedOf(ada)).toEqual([ofBen("France"), ofBen("Portugal")]);
    expect(await feedOf(ada, 1)).toEqual([ofBen("France")]);
    await read(cem.id, `mutation { acceptFollowRequest(profileId: "${ada.profileId}") }`);
    expect((await feedOf(ada))[0]).toEqual({
      person: { handle: cem.handle },
      country: { name: "Germany" },
    });
  });

  test("the feed lists the newest of all items, even if one person added most of them", async () => {
    const ada = await person();
    const others = await Promise.all(Array.from({ length: 6 }, () => person()));
    for (const other of others) await follows(ada, other);
    const codes = ["PT", "FR", "DE", "IT", "ES", "IS", "NO", "SE"];
    for (const [index, other] of others.entries())
      for (const code of codes.slice(0, index === 0 ? 8 : 2))
        await addToWishlist(database().pool, other.id, code);
    await sql("UPDATE wishlist_items SET created_at = now() + interval '1 h' WHERE user_id = $1", [
      others[0]?.id,
    ]);
    const expected = await sql(
      `SELECT w.id FROM wishlist_items w JOIN follows f ON f.followed_id = w.user_id WHERE f.follower_id = $1
       ORDER BY w.created_at DESC, w.id DESC LIMIT 5`,
      [ada.id],
    );
    const { viewer } = await read(ada.id, "{ viewer { feed(first: 5) { id } } }");
    expect(viewer.feed).toEqual(expected);
  });

  test("the feed lists no items of people who are banned, who blocked the viewer, or whom the viewer unfollowed", async () => {
    const [ada, ben, cem, dan] = [await person(), await person(), await person(), await person()];
    for (const other of [ben, cem, dan]) {
      await follows(ada, other);
      await addToWishlist(database().pool, other.id, "PT");
    }
    await ban(ben, true, 1_790_000_002_000);
    await transaction((db) => block(db, cem.id, ada.profileId));
    await transaction((db) => unfollow(db, ada.id, dan.profileId));
    expect(await feedOf(ada)).toEqual([]);
  });

  test("a platform admin, whom row level security does not limit, gets no items of banned people or of pending requests", async () => {
    const admin = await person(false, { public_metadata: { role: "admin" } });
    const [ben, cem] = [await person(), await person(true)];
    for (const other of [ben, cem]) {
      await follows(admin, other);
      await addToWishlist(database().pool, other.id, "PT");
    }
    await ban(ben, true, 1_790_000_002_000);
    expect(await feedOf(admin)).toEqual([]);
  });

  test("a feed query for more than 50 items is refused with BAD_USER_INPUT", async () => {
    const ada = await person();
    const { errors } = await send(ada.id, "{ viewer { feed(first: 51) { id } } }");
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
  });
});

describe("push updates of the feed", () => {
  const countries = allCountries().map(({ id }) => id);
  const add = (who: Person) => addToWishlist(database().pool, who.id, countries.pop() ?? "");

  test("FeedWatch reports a change when a followed person adds a country, and none when another person does", async () => {
    const [ada, ben, dan] = [await person(), await person(), await person()];
    await follows(ada, ben);
    await caughtUp();
    const messages: LiveMessage[] = [];
    const stop = new FeedWatch(ada.id).subscribe((message) => {
      if ("table" in message && message.table === FEED) messages.push(message);
    });
    const messagesAfter = async (change: () => Promise<unknown>) => {
      messages.length = 0;
      await change();
      await caughtUp();
      return messages.length;
    };
    // FeedWatch reports every change until it has loaded the list of people whom Ada follows.
    await vi.waitFor(async () => expect(await messagesAfter(() => add(dan))).toBe(0));
    expect(await messagesAfter(() => add(ben))).toBe(1);
    expect(await messagesAfter(() => follows(ben, dan))).toBe(0);
    expect(await messagesAfter(() => follows(ada, dan))).toBe(1);
    expect(await messagesAfter(() => add(dan))).toBe(1);
    stop();
    expect(await messagesAfter(() => add(ben))).toBe(0);
  });

  test("the viewer's stream gets an event when the feed changed", async () => {
    const [ada, ben] = [await person(), await person()];
    await follows(ada, ben);
    await caughtUp();
    const token = signToken(process.env.TEST_PRIVATE_KEY ?? "", {
      sub: ada.id,
      sid: clerkId("sess"),
    });
    const response = await STREAM(
      new Request("https://rollcall.test/api/graphql/stream", {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "text/event-stream",
          authorization: `Bearer ${token}`,
        },
        body: JSON.stringify({ query: "subscription { viewerChanged { refetch } }" }),
      }),
    );
    expect(response.status).toBe(200);
    await add(ben);
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if (text.includes("event: next")) break;
    }
    expect(text).toContain('{"data":{"viewerChanged":{"refetch":true}}}');
  });
});

test("row level security alone limits a viewer to the rows of public profiles and their own", async () => {
  const [ada, ben, cem] = [await person(true), await person(), await person()];
  await addToWishlist(database().pool, ada.id, "PT");
  await addToWishlist(database().pool, ben.id, "PT");
  await addToWishlist(database().pool, cem.id, "PT");
  await follows(ben, ada);
  await transaction((db) => block(db, cem.id, ben.profileId));
  const asViewer = (id: string, table: string, column: string) =>
    transaction(async (db) => {
      await db.query(
        "SELECT set_config('rollcall.viewer', $1, true), set_config('rollcall.organizations', '', true), set_config('role', viewer_role(), true)",
        [id],
      );
      const { rows } = await db.query(
        `SELECT ${column} AS id FROM ${table} WHERE ${column} IN ($1, $2, $3)`,
        [ada.id, ben.id, cem.id],
      );
      return rows.map((row) => row.id).sort();
    });
  const ids = (...people: Person[]) => people.map(({ id }) => id).sort();
  expect(await asViewer("", "wishlist_items", "user_id")).toEqual(ids(ben, cem));
  expect(await asViewer(ada.id, "wishlist_items", "user_id")).toEqual(ids(ada, ben, cem));
  // Cem has blocked Ben, and Ben's follow request to Ada is not accepted.
  expect(await asViewer(ben.id, "wishlist_items", "user_id")).toEqual(ids(ben));
  expect(await asViewer(ben.id, "profiles", "user_id")).toEqual(ids(ada, ben));
  expect(await asViewer(cem.id, "blocks", "blocker_id")).toEqual(ids(cem));
  expect(await asViewer(ben.id, "blocks", "blocker_id")).toEqual([]);
  expect(await asViewer(cem.id, "follows", "follower_id")).toEqual([]);
  expect(await asViewer(ada.id, "follows", "follower_id")).toEqual(ids(ben));
  expect(await asViewer("", "users", "id")).toEqual([]);
});
