/**
 * Wraps `fetch` to send the session's token. A 401 means that nothing was executed, so the request is safe to send once more with
 * a fresh token, even a mutation. No other response is retried.
 */
import type { Session } from "./session";

function withToken(init: RequestInit | undefined, token: string | null): RequestInit {
  const headers = new Headers(init?.headers);
  if (token !== null) headers.set("authorization", `Bearer ${token}`);
  return { ...init, headers };
}

export function authorizedFetch(session: Session, send: typeof fetch = fetch): typeof fetch {
  return async (input, init) => {
    const token = await session.token();
    const response = await send(input, withToken(init, token));
    if (response.status !== 401 || token === null) return response;
    const fresh = await session.refreshToken();
    if (fresh === null || fresh === token) return response;
    return send(input, withToken(init, fresh));
  };
}
