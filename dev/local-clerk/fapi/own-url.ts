// Validates the URLs that users are redirected to.

import type { ClerkContext } from "../context";
import { paramInvalid, refusal } from "../errors";

/** Accepts only URLs of the app itself: any other URL would make the endpoint an open redirect. */
export function requireOwnUrl(context: ClerkContext, requestedUrl: string | undefined): URL {
  if (!requestedUrl || !URL.canParse(requestedUrl, context.appOrigin)) {
    throw paramInvalid("redirect_url", "redirect_url must be a valid url.");
  }
  const url = new URL(requestedUrl, context.appOrigin);
  if (url.origin === context.appOrigin) return url;
  const message = `The current redirect url passed in the sign in or sign up request is invalid: ${url.origin}`;
  throw refusal(422, "invalid_redirect_url", "Invalid redirect url", message);
}
