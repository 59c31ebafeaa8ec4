/** Whether somebody can see the page. */
export type Sight = {
  isVisible(): boolean;
  /** Calls `hearer` when that changes, until the returned function is called. */
  hear(hearer: () => void): () => void;
};

export const browserSight: Sight = {
  isVisible: () => document.visibilityState === "visible",
  hear(hearer) {
    document.addEventListener("visibilitychange", hearer);
    return () => document.removeEventListener("visibilitychange", hearer);
  },
};
