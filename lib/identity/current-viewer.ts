/** The viewer for pages, found once per request, and the redirects for a viewer without access. */
import { headers } from "next/headers";
import { notFound, redirect } from "next/navigation";
import { cache } from "react";
import { signInPath } from "../paths";
import { tokenOf } from "./request-token";
import { isPendingUnverified } from "./session-token";
import { findViewer, type Viewer } from "./viewer";

export const currentViewer = cache(async () => findViewer(await headers()));

/** Whether the browser's session has a task to do first, such as choosing an organization. Not verified: for a redirect only. */
export async function hasPendingSession(): Promise<boolean> {
  const { token } = tokenOf(await headers());
  return token !== null && isPendingUnverified(token);
}

/**
 * The viewer, or null while the mirror or Clerk does not answer. For what shows none of the mirror's data, such as a layout: an
 * outage must not take it away. Redirects to sign-in, and then back to `path`, when the session is refused.
 */
export async function findSignedInViewer(path: string): Promise<Viewer | null> {
  const result = await currentViewer();
  if (result.viewer) return result.viewer;
  if (result.reason === "unavailable") return null;
  redirect(signInPath(path));
}

/** Returns the viewer, or redirects to sign-in and then back to `path`. @throws when the mirror or Clerk does not answer. */
export async function requireViewer(path: string): Promise<Viewer> {
  const viewer = await findSignedInViewer(path);
  if (!viewer) throw new Error("Rollcall cannot check your session right now.");
  return viewer;
}

/** Returns a platform admin; everyone else gets the 404 page. */
export async function requireAdmin(path: string): Promise<Viewer> {
  const viewer = await requireViewer(path);
  if (!viewer.isAdmin) notFound();
  return viewer;
}
