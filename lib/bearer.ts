/** Compares the bearer token of a request with a secret. */
import { createHash, timingSafeEqual } from "node:crypto";

const digest = (value: string) => createHash("sha256").update(value).digest();

/** True if the request's bearer token is `secret`. The comparison takes the same time for every wrong token. */
export function hasBearer(request: Request, secret: string): boolean {
  const given = request.headers.get("authorization") ?? "";
  return timingSafeEqual(digest(given), digest(`Bearer ${secret}`));
}
