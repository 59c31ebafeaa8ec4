/** Who is asking, for pages: once per request, and what happens to somebody who may not be here. */
import { headers } from "next/headers";
import { notFound, redirect } from "next/navigation";
import { cache } from "react";
import { signInPath } from "../paths";
import { findViewer, type Viewer } from "./viewer";

export const currentViewer = cache(async () => findViewer(await headers()));

/** The viewer, or a redirect to sign in and back to `path`. @throws when the mirror or Clerk does not answer. */
export async function requireViewer(path: string): Promise<Viewer> {
  const result = await currentViewer();
  if (result.viewer) return result.viewer;
  if (result.reason === "unavailable")
    throw new Error("Rollcall cannot check who you are just now.");
  redirect(signInPath(path));
}

/** A platform admin; to everybody else the console does not exist. */
export async function requireAdmin(path: string): Promise<Viewer> {
  const viewer = await requireViewer(path);
  if (!viewer.isAdmin) notFound();
  return viewer;
}
