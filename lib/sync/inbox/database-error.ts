/** Whose fault is a failed statement: the delivery's, which waits for another try, or the database's, which is 503? */
import pg from "pg";

/**
 * Not a lost connection (08), a read-only server (25), a full disk or too many connections (53), a shutdown or a timeout
 * (57), or a broken disk (58): then nothing else can be stored either. What is left is data, a race, a trigger, a schema
 * that does not fit: the sender could not do better than our own worker.
 */
export function isDeliveryError(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && !/^(08|25|53|57|58)/.test(error.code ?? "08");
}

/** The class of a failure; the message would quote the data. */
export const errorClass = (error: pg.DatabaseError) => `SQLSTATE ${error.code}`;

const UNIQUE_VIOLATION = "23505";

/** The primary key of the inbox says that this message was received before. */
export function isDuplicateDelivery(error: unknown): boolean {
  return (
    error instanceof pg.DatabaseError &&
    error.code === UNIQUE_VIOLATION &&
    error.table === "deliveries"
  );
}
