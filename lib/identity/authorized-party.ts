/**
 * Checks that a token was issued for this app. The middleware, pages, API, streams and WebSockets all use this rule. A browser's
 * token names the origin it was issued for in `azp`. A native app's token has no `azp` and is accepted.
 * https://clerk.com/docs/guides/sessions/session-tokens
 */
export function isAuthorizedParty(azp: unknown, appUrl: string): boolean {
  return azp === undefined || azp === null || azp === appUrl;
}
