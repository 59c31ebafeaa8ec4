import { expect, test } from "vitest";
import { database } from "../db";
import { countByDay } from "./list";

test("countByDay counts an erasure on the day of its deletion, and leaves out requested and undone deletions", async () => {
  await database().pool.query("TRUNCATE erasures CASCADE");
  await database().pool.query(
    `INSERT INTO erasures (subject_kind, subject_id, step, deleted_at, erased_at) VALUES
       ('user', 'erased-later', 'done', now() - interval '2 days', now()), ('user', 'held', 'held', now() - interval '2 days', NULL),
       ('user', 'undone', 'undone', now() - interval '2 days', NULL), ('user', 'requested', 'requested', now() - interval '2 days', NULL)`,
  );
  const days = await countByDay();
  expect(days).toHaveLength(90);
  expect(days.filter(({ deleted, erased }) => deleted + erased > 0)).toEqual([
    { day: days[87]?.day, deleted: 2, erased: 1 },
  ]);
});
