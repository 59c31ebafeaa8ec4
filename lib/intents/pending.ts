/** Checks whether the request's browser has deferred actions, which the page then resumes. */
import { headers } from "next/headers";
import { intentCookies } from "./cookies";

export async function hasPendingIntents(): Promise<boolean> {
  return intentCookies((await headers()).get("cookie")).length > 0;
}
