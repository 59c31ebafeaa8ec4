"use client";

import { useSyncExternalStore } from "react";

const never = () => () => {};

/** Returns false on the server and while the page hydrates, then true. Use it for what only the browser knows. */
export function useIsHydrated(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
}
