/** Finds the viewer for pages, once per request, and redirects a viewer without access. */
import { headers } from "next/headers";
import { notFound, redirect } from "next/navigation";
import { cache } from "react";
import { signInPath } from "../paths";
import { tokenOf } from "./request-token";
import { isPendingUnverified } from "./session-token";
import { findViewer, type Viewer } from "./viewer";

export const currentViewer = cache(async () => findViewer(await headers()));

/**
 * True if the browser's session has a pending task, such as choosing an organization. The token is not verified: use the result
 * only for a redirect.
 */
export async function hasPendingSession(): Promise<boolean> {
  const { token } = tokenOf(await headers());
  return token !== null && isPendingUnverified(token);
}

/**
 * Resolves to the viewer, or to null while the database or Clerk does not respond. For parts of a page without mirrored data,
 * such as a layout, which must render during an outage. If the session is refused, redirects to sign-in, which returns to `path`.
 */
export async function findSignedInViewer(path: string): Promise<Viewer | null> {
  const result = await currentViewer();
  if (result.viewer) return result.viewer;
  if (result.reason === "unavailable") return null;
  redirect(signInPath(path));
}

/**
 * Resolves to the viewer, or redirects to sign-in, which returns to `path`. @throws when the database or Clerk does not respond.
 */
export async function requireViewer(path: string): Promise<Viewer> {
  const viewer = await findSignedInViewer(path);
  if (!viewer) throw new Error("Rollcall cannot check your session right now.");
  return viewer;
}

/**
 * Resolves to the viewer if the viewer is a platform admin. Other users get the 404 page; a request without a viewer is
 * redirected to sign-in. @throws when the database or Clerk does not respond.
 */
export async function requireAdmin(path: string): Promise<Viewer> {
  const viewer = await requireViewer(path);
  if (!viewer.isAdmin) notFound();
  return viewer;
}
