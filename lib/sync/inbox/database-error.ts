/**
 * Classifies the error of a failed statement. An error that concerns one delivery is retried by our worker. An error of the whole
 * database gets a 503 response, and Clerk retries.
 */
import pg from "pg";

/**
 * True if the error concerns only this delivery: invalid data, a conflict, a trigger, a missing migration. Our own worker then
 * retries the delivery.
 * False for errors that would fail any statement: connection (08), read-only server (25), disk full or too many connections (53),
 * shutdown or timeout (57), system error (58). The sender must then retry, because the delivery may not be stored.
 */
export function isDeliveryError(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && !/^(08|25|53|57|58)/.test(error.code ?? "08");
}

/** Returns only the SQLSTATE, because the error's message can quote the data. */
export const errorClass = (error: pg.DatabaseError) => `SQLSTATE ${error.code}`;

const UNIQUE_VIOLATION = "23505";

/** True if the trigger on `deliveries` refused the message, because it was received before. */
export function isDuplicateDelivery(error: unknown): boolean {
  return (
    error instanceof pg.DatabaseError &&
    error.code === UNIQUE_VIOLATION &&
    error.table === "deliveries"
  );
}
