/**
 * `fetch` with the session's token. A 401 means that nothing was executed, so it is safe to ask once more with a fresh token,
 * whatever was asked; nothing else is ever sent twice.
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
