/**
 * Reports whether the page is visible and the browser is online. If not, live streams are closed. After a change of the network,
 * an open connection may be dead without an error, so streams are opened again on each change.
 */
export type PageActivity = {
  isActive(): boolean;
  /** Calls `listener` on each change, until the returned function is called. */
  subscribe(listener: () => void): () => void;
};

export const pageActivity: PageActivity = {
  isActive: () => document.visibilityState === "visible" && navigator.onLine,
  subscribe(listener) {
    const events = [
      [document, "visibilitychange"],
      [window, "online"],
      [window, "offline"],
    ] as const;
    for (const [target, event] of events) target.addEventListener(event, listener);
    return () => {
      for (const [target, event] of events) target.removeEventListener(event, listener);
    };
  },
};
