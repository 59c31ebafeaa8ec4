/** The clock of a mirrored row: what decides, of two states of one object, which is the newer. Pure. */

/** What the guard in `apply.ts` compares: the greatest (deleted, version, event_timestamp, svix_id) wins. */
export type RowVersion = {
  deleted: boolean;
  /** Clerk's `updated_at` in ms; at least 1, because 0 marks a stub. */
  version: number;
  /** The event's timestamp in ms; 0 for what was read from the Backend API. */
  event_timestamp: number;
  /** The delivery; "" for what was read from the Backend API. */
  svix_id: string;
};

/** Where a state came from: a delivery, or the Backend API. */
export type Source = { eventTimestamp: number; svixId: string };

export function rowVersion(updatedAt: number | null, source: Source) {
  return {
    deleted: false,
    version: Math.max(updatedAt ?? source.eventTimestamp, 1),
    event_timestamp: source.eventTimestamp,
    svix_id: source.svixId,
  };
}

/** `user.deleted` and its kin carry no `updated_at`, and need none: a deletion beats every version. */
export function tombstoneVersion(source: Source) {
  return {
    deleted: true as const,
    version: 0,
    event_timestamp: source.eventTimestamp,
    svix_id: source.svixId,
  };
}
