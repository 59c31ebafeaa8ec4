/**
 * Was this token made for us? The one rule of middleware, pages, API, streams and sockets, whoever verified the signature.
 * A browser's token names in `azp` the origin it was made for; a native app's names none and is accepted.
 * https://clerk.com/docs/guides/sessions/session-tokens
 */
export function isAuthorizedParty(azp: unknown, appUrl: string): boolean {
  return azp === undefined || azp === appUrl;
}
