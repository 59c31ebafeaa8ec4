/**
 * In a FROM list: lets this one statement's commit come back before it is on disk. Only for a reconciliation, which reads
 * again from Clerk whatever a crash took; its cursor is written after the rows, so a crash never keeps it without them.
 */
export const relaxed = "(SELECT set_config('synchronous_commit', 'off', true)) AS relaxed";
