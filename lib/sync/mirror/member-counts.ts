/**
 * Refreshes `organizations.members_count`, by which lists are sorted and filtered. Triggers note the organizations whose members
 * have changed: migration `members_count_later`.
 */
import { database } from "../../db";

/** Counts the members of some of the noted organizations, so that no statement runs into its timeout. */
async function refreshSome(): Promise<number> {
  const { rows } = await database().pool.query<{ counted: number }>(
    "SELECT refresh_member_counts() AS counted",
  );
  return rows[0]?.counted ?? 0;
}

export async function refreshMemberCounts(): Promise<void> {
  while ((await refreshSome()) > 0);
}

/** Notes every organization, so that the next refresh corrects every count, whatever was written without the triggers. */
export async function noteAllMemberCounts(): Promise<void> {
  await database().pool.query(
    "INSERT INTO stale_member_counts (organization_id) SELECT id FROM organizations WHERE version > 0",
  );
}
