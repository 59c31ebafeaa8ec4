/** Words of the archive's page. */

/** Who caused a deletion, by the reason that was recorded. */
export const deletionReasons: Record<string, string> = {
  user_requested: "Person’s own request",
  admin_action: "Admin’s action",
  policy_violation: "Policy violation",
  unknown: "Unknown",
};

/** What was done with an entry, by the action in the audit log. */
export const archiveActions: Record<string, string> = {
  "archive.looked_up": "Looked up",
  "archive.noted": "Note added",
  "archive.held": "Legal hold set",
  "archive.released": "Legal hold released",
  "archive.purged": "Purged",
};
