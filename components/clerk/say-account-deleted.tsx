"use client";

import { useUser } from "@clerk/nextjs";
import { useEffect } from "react";
import { paths } from "@/lib/paths";

type Deletable = { delete: () => Promise<unknown> };

const watched = new WeakSet<object>();

/**
 * Opens the page `/account-deleted` when the user has deleted their account in Clerk's component, which would open the landing page
 * without a message. Wraps `delete()` of the user object, which Clerk's component calls.
 */
export function SayAccountDeleted() {
  const { user } = useUser();
  useEffect(() => {
    if (user) watchDeletion(user);
  }, [user]);
  return null;
}

function watchDeletion(user: Deletable): void {
  if (watched.has(user)) return;
  watched.add(user);
  const original = user.delete.bind(user);
  user.delete = async () => {
    await original();
    // Loads a new document. Clerk's own navigation to the landing page comes later, and would override a navigation by the
    // router.
    window.location.replace(paths.accountDeleted);
    return new Promise<never>(() => {});
  };
}
