"use client";

import { useUser } from "@clerk/nextjs";
import { useEffect } from "react";
import { paths } from "@/lib/paths";

type Deletable = { delete: () => Promise<unknown> };

const watched = new WeakSet<object>();

/**
 * Leads to a page that says so when the user has deleted their account. Clerk's component treats a deletion as a sign-out: it goes to
 * the landing page without a word. It calls `delete()` of the user object, and so does this.
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
    // A new document: Clerk's own navigation to the landing page comes later and would win.
    window.location.replace(paths.accountDeleted);
    return new Promise<never>(() => {});
  };
}
