/** Whether the page is visible; live streams are closed while it is not. */
export type PageVisibility = {
  isVisible(): boolean;
  /** Calls `listener` on each change, until the returned function is called. */
  subscribe(listener: () => void): () => void;
};

export const browserVisibility: PageVisibility = {
  isVisible: () => document.visibilityState === "visible",
  subscribe(listener) {
    document.addEventListener("visibilitychange", listener);
    return () => document.removeEventListener("visibilitychange", listener);
  },
};
