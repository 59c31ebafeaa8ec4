/** Whether somebody can see the page. */
export type PageVisibility = {
  isVisible(): boolean;
  /** Calls `listener` when that changes, until the returned function is called. */
  subscribe(listener: () => void): () => void;
};

export const browserVisibility: PageVisibility = {
  isVisible: () => document.visibilityState === "visible",
  subscribe(listener) {
    document.addEventListener("visibilitychange", listener);
    return () => document.removeEventListener("visibilitychange", listener);
  },
};
