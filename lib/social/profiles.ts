/** Profiles: the public data of a user. Only this file and the triggers write `profiles` and `profile_handles`. */
import { type Queryable, transaction } from "../db";
import { GENERATED_PREFIX, generateHandle } from "../generated-handle";
import { parseHandle, skeletonOf } from "./handle";

/** For this many days, a released handle redirects to its profile and no other user can claim it. */
export const HANDLE_HELD_DAYS = 90;
/** A handle may be changed twice in this many days. */
const CHANGE_PERIOD_DAYS = 30;
const CHANGES_PER_PERIOD = 2;
export const MAX_BIO = 300;

const MAX_ATTEMPTS = 5;

/**
 * Claims a handle for a user. False if another user has a handle that is equal or looks alike, or released one less than
 * {@link HANDLE_HELD_DAYS} days ago. A concurrent claim of such a handle waits until this transaction ends.
 */
async function claimHandle(db: Queryable, userId: string, handle: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `INSERT INTO profile_handles (skeleton, handle, user_id)
     SELECT $1::text, $2, $3 WHERE NOT EXISTS (SELECT FROM profile_handles erased
       WHERE erased.skeleton = erased_skeleton($1) AND erased.released_at >= now() - $4 * interval '1 day')
     ON CONFLICT (skeleton) DO UPDATE SET handle = EXCLUDED.handle, user_id = EXCLUDED.user_id, released_at = NULL
     WHERE profile_handles.user_id = EXCLUDED.user_id
       OR profile_handles.released_at < now() - $4 * interval '1 day'`,
    [skeletonOf(handle), handle, userId, HANDLE_HELD_DAYS],
  );
  return rowCount === 1;
}

/** The handle that was generated for a user at their first visit; null before that visit. */
async function findGeneratedHandle(db: Queryable, userId: string): Promise<string | null> {
  const { rows } = await db.query<{ handle: string }>(
    "SELECT handle FROM handles WHERE user_id = $1 AND starts_with(handle, $2)",
    [userId, GENERATED_PREFIX],
  );
  return rows[0]?.handle ?? null;
}

/**
 * Creates a profile with a generated handle if the user has no profile. The new profile is private, because the user did not ask
 * for one. Resolves to false for a user who is deleted or not mirrored.
 */
export async function ensureProfile(db: Queryable, userId: string): Promise<boolean> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const known = attempt === 1 ? await findGeneratedHandle(db, userId) : null;
    const handle = known ?? generateHandle();
    // FOR SHARE: no profile is created for a user whose deletion commits at the same time.
    const { rows } = await db.query<{ people: number; profiles: number }>(
      `WITH person AS (SELECT * FROM users WHERE id = $1 AND NOT deleted AND version > 0 FOR SHARE),
         made AS (
           INSERT INTO profiles (id, user_id, handle, is_private, first_name, last_name, username, image_url, is_banned)
           SELECT gen_random_uuid()::text, id, $2, true, first_name, last_name, username, image_url, is_banned FROM person
           WHERE NOT EXISTS (SELECT FROM profile_handles WHERE skeleton = $3 AND user_id IS DISTINCT FROM $1)
           ON CONFLICT DO NOTHING RETURNING handle
         ),
         claimed AS (
           INSERT INTO profile_handles (skeleton, handle, user_id) SELECT $3, handle, $1 FROM made
           ON CONFLICT (skeleton) DO UPDATE SET handle = EXCLUDED.handle, released_at = NULL
           WHERE profile_handles.user_id = EXCLUDED.user_id
         )
       SELECT (SELECT count(*) FROM person)::int AS people,
         ((SELECT count(*) FROM made) + (SELECT count(*) FROM profiles WHERE user_id = $1))::int AS profiles`,
      [userId, handle, skeletonOf(handle)],
    );
    const [counts] = rows;
    if (!counts?.people) return false;
    if (counts.profiles > 0) return true;
    // Tries again. Either the handle is taken or looks like one that is, or a concurrent transaction has created the profile, which
    // the next statement will see.
  }
  throw new Error("No free handle was found.");
}

export type ProfileInput = { handle: string; bio: string | null; isPrivate: boolean };
export type ProfileError = { field: "handle" | "bio"; message: string };

const messages = {
  length: "A handle has 3 to 30 characters.",
  characters: "Use only the letters a to z, digits and underscores.",
  reserved: "This handle is reserved. Choose another one.",
  taken: "This handle is taken, or looks too much like one that is. Choose another one.",
} as const;

const day = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });

const limitMessage = (from: Date) =>
  `You changed your handle twice in the last ${CHANGE_PERIOD_DAYS} days. You can change it again on ${day.format(from)}.`;

/**
 * Returns the time at which the handle may be changed again; null if it may be changed now. `changes` are the times of the last
 * two changes, oldest first.
 */
export function handleChangeableFrom(changes: readonly Date[], now: Date): Date | null {
  const [oldest] = changes.slice(-CHANGES_PER_PERIOD);
  if (!oldest || changes.length < CHANGES_PER_PERIOD) return null;
  const from = new Date(oldest.getTime() + CHANGE_PERIOD_DAYS * 86_400_000);
  return from > now ? from : null;
}

type Current = { handle: string; isPrivate: boolean; handleChanges: Date[]; now: Date };

async function lockOwnProfile(db: Queryable, userId: string): Promise<Current | null> {
  const { rows } = await db.query<Current>(
    `SELECT handle, is_private AS "isPrivate", handle_changes AS "handleChanges", now()
     FROM profiles WHERE user_id = $1 FOR UPDATE`,
    [userId],
  );
  return rows[0] ?? null;
}

async function changeHandle(
  db: Queryable,
  userId: string,
  typed: string,
  current: Current,
): Promise<string | null> {
  if (typed.trim().replace(/^@/, "").toLowerCase() === current.handle) return null;
  const parsed = parseHandle(typed);
  if ("refused" in parsed) return messages[parsed.refused];
  const from = handleChangeableFrom(current.handleChanges, current.now);
  if (from) return limitMessage(from);
  if (!(await claimHandle(db, userId, parsed.handle))) return messages.taken;
  await db.query(
    `UPDATE profile_handles SET released_at = now() WHERE user_id = $1 AND skeleton <> $2 AND released_at IS NULL`,
    [userId, parsed.skeleton],
  );
  // The first choice replaces the generated handle and does not count as a change.
  await db.query(
    `UPDATE profiles SET handle = $2, is_handle_chosen = true,
       handle_changes = CASE WHEN is_handle_chosen THEN (handle_changes || now())[greatest(1, cardinality(handle_changes)):] ELSE '{}' END
     WHERE user_id = $1`,
    [userId, parsed.handle],
  );
  return null;
}

class Refused extends Error {
  readonly errors: ProfileError[];
  constructor(errors: ProfileError[]) {
    super("The profile was not saved.");
    this.errors = errors;
  }
}

async function save(db: Queryable, userId: string, input: ProfileInput) {
  if (!(await ensureProfile(db, userId))) return "no-user" as const;
  // A profile that becomes public accepts its pending requests, which changes the counts of other profiles. So all these profiles
  // are locked first, in the order of their user ids.
  if (!input.isPrivate)
    await db.query(
      "SELECT lock_profiles_around(user_id) FROM profiles WHERE user_id = $1 AND is_private",
      [userId],
    );
  const current = await lockOwnProfile(db, userId);
  if (!current) return "no-user" as const;
  const bio = input.bio?.trim() || null;
  const errors: ProfileError[] = [];
  const refusal = await changeHandle(db, userId, input.handle, current);
  if (refusal) errors.push({ field: "handle", message: refusal });
  if (bio && [...bio].length > MAX_BIO)
    errors.push({
      field: "bio",
      message: `Use at most ${MAX_BIO} characters; this has ${[...bio].length}.`,
    });
  if (errors.length > 0) throw new Refused(errors);
  await db.query("UPDATE profiles SET bio = $2, is_private = $3 WHERE user_id = $1", [
    userId,
    bio,
    input.isPrivate,
  ]);
  // When the profile becomes public, its pending follow requests are accepted.
  if (current.isPrivate && !input.isPrivate)
    await db.query(
      "UPDATE follows SET is_accepted = true WHERE followed_id = $1 AND NOT is_accepted",
      [userId],
    );
  return [];
}

/** Saves all fields or none. Resolves to the errors of the input, or to `no-user` if the user is deleted or not mirrored. */
export async function saveProfile(
  userId: string,
  input: ProfileInput,
): Promise<ProfileError[] | "no-user"> {
  try {
    return await transaction((db) => save(db, userId, input));
  } catch (error) {
    if (error instanceof Refused) return error.errors;
    throw error;
  }
}

/**
 * Deletes handles that were released more than {@link HANDLE_HELD_DAYS} days ago. A user can claim such a handle even before it
 * is deleted.
 */
export async function deleteReleasedHandles(db: Queryable): Promise<number> {
  const { rowCount } = await db.query(
    "DELETE FROM profile_handles WHERE released_at < now() - $1 * interval '1 day'",
    [HANDLE_HELD_DAYS],
  );
  return rowCount ?? 0;
}
