-- The notes of skipped items named people and organizations. Now they have no names, and an erasure empties them.
UPDATE bulk_act_items SET note = 'The only admin of an organization. Make another member an admin first, or delete the organization.'
WHERE note LIKE '% is the only admin of %';
UPDATE bulk_act_items i SET note = NULL
WHERE i.note IS NOT NULL AND EXISTS (SELECT FROM erased_ids e WHERE e.id = i.object_id);
