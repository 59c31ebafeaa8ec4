/**
 * Sends actions to `/api/actions`. Imports neither Clerk nor Apollo, to be small for public pages. Sends the token of Clerk's
 * script if the script is loaded, and otherwise relies on the session cookie.
 */
import type { ActionResponse } from "@/lib/intents/action-types";

export type Step =
  | { step: "press"; id: string; action: string; args: unknown }
  | { step: "resume"; id: string | null }
  | { step: "confirm" | "undo" | "discard"; id: string };

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

/** Clerk's session in this browser; undefined while its script is not loaded or no user is signed in. */
function clerkSession(): object | undefined {
  const session = field(field(window, "Clerk"), "session");
  return typeof session === "object" && session !== null ? session : undefined;
}

export function hasClerkSession(): boolean {
  return clerkSession() !== undefined;
}

/** Resolves to the session token from Clerk's script, or null without one. Clerk's `getToken` renews an expired token. */
async function clerkToken(): Promise<string | null> {
  const session = clerkSession();
  const getToken = field(session, "getToken");
  if (typeof getToken !== "function") return null;
  try {
    const token: unknown = await Reflect.apply(getToken, session, []);
    return typeof token === "string" ? token : null;
  } catch {
    // Clerk's script could not get a token. The session cookie may still be valid.
    return null;
  }
}

/**
 * Sends a step of an action to the server. Resolves to null if the request failed; the server may have received the step or not.
 */
export async function sendStep(step: Step): Promise<ActionResponse | null> {
  const token = await clerkToken();
  try {
    const response = await fetch("/api/actions", {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(token !== null && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(step),
    });
    if (!response.ok && response.status !== 401) return null;
    return await response.json();
  } catch {
    return null;
  }
}
