/** The texts of the archive's page. */

/** Texts that say who caused a deletion, by the reason that the archive records. */
export const deletionReasons: Record<string, string> = {
  user_requested: "Person’s own request",
  admin_action: "Admin’s action",
  policy_violation: "Policy violation",
  unknown: "Unknown",
};

/** Texts that say what was done with an entry, by the action's name in the audit log. */
export const archiveActions: Record<string, string> = {
  "archive.looked_up": "Looked up",
  "archive.noted": "Note added",
  "archive.held": "Legal hold set",
  "archive.released": "Legal hold released",
  "archive.purged": "Purged",
};
