/** Parses a time in the arguments of a command. */
import { UserError } from "../errors";

/** @throws UserError if `value` is not a time. */
export function parseTime(value: string): Date {
  const time = new Date(value);
  if (Number.isNaN(time.getTime())) {
    throw new UserError(`${value} is not a time. Use the form 2026-11-22T10:00:00Z.`);
  }
  return time;
}
