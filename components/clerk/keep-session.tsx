"use client";

import { type ComponentType, useEffect, useState } from "react";
import type { ClerkSettings } from "./session-keeper";

/** Loads Clerk's provider after the page. The provider is in a separate file, which a guest's browser never loads. */
export function KeepSession({ settings }: { settings: ClerkSettings }) {
  const [loaded, setLoaded] = useState<{ Keeper: ComponentType<{ settings: ClerkSettings }> }>();
  useEffect(() => {
    let isCurrent = true;
    import("./session-keeper").then(
      ({ SessionKeeper }) => {
        if (isCurrent) setLoaded({ Keeper: SessionKeeper });
      },
      // A failed load is harmless: an action with an expired cookie reloads the page, which renews the session too.
      () => undefined,
    );
    return () => {
      isCurrent = false;
    };
  }, []);
  return loaded ? <loaded.Keeper settings={settings} /> : null;
}
