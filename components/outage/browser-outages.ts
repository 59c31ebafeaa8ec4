/**
 * The outages of this page. A retry must wait until the page is visible and online, the app is ready, and Clerk's script can give
 * a token: without a token, the app redirects to sign-in.
 */
import { pageActivity } from "@/components/apollo/page-activity";
import { browserSession } from "@/components/apollo/session";
import { Outages } from "./outages";

const READY_TIMEOUT_MS = 5_000;

async function canRetry(): Promise<boolean> {
  if (!pageActivity.isActive()) return false;
  const signal = AbortSignal.timeout(READY_TIMEOUT_MS);
  const { ok } = await fetch("/api/ready", { cache: "no-store", signal });
  if (ok) await browserSession.token();
  return ok;
}

export const browserOutages = new Outages(canRetry);

const offline = {};
const nothing = () => undefined;

if (typeof window !== "undefined") {
  const follow = () => {
    if (navigator.onLine) browserOutages.end(offline);
    else browserOutages.report(offline, Date.now(), nothing);
    if (pageActivity.isActive()) browserOutages.checkNow();
  };
  pageActivity.subscribe(follow);
}
