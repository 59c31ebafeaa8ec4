/** For pages: whether the browser of this request has deferred actions, so that the page resumes them. */
import { headers } from "next/headers";
import { intentCookies } from "./cookies";

export async function hasPendingIntents(): Promise<boolean> {
  return intentCookies((await headers()).get("cookie")).length > 0;
}
