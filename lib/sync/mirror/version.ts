/** The version of a mirrored row. Of two states of one object, the state with the greater version is newer. Pure. */

/** The version guard in `apply.ts` compares these columns as a tuple, in this order: the greatest wins. */
export type RowVersion = {
  deleted: boolean;
  /**
   * Clerk's `updated_at` in ms, or the event's timestamp if that is missing. At least 1, because 0 marks a stub row; only a
   * tombstone has 0 too.
   */
  version: number;
  /** The event's timestamp in ms; 0 for a state read from the Backend API. */
  event_timestamp: number;
  /** The svix-id of the delivery; "" for a state read from the Backend API. */
  svix_id: string;
};

/** Where a state comes from: a delivery, or the Backend API, for which the values are 0 and "". */
export type Source = { eventTimestamp: number; svixId: string };

export function rowVersion(updatedAt: number | null, source: Source) {
  return {
    deleted: false,
    version: Math.max(updatedAt ?? source.eventTimestamp, 1),
    event_timestamp: source.eventTimestamp,
    svix_id: source.svixId,
  };
}

/**
 * Returns the version of a tombstone. Clerk's `*.deleted` events have no `updated_at`, and need none: `deleted` is compared
 * first, so a deletion always wins.
 */
export function tombstoneVersion(source: Source) {
  return {
    deleted: true as const,
    version: 0,
    event_timestamp: source.eventTimestamp,
    svix_id: source.svixId,
  };
}
