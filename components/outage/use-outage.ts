"use client";

import { useEffect, useState } from "react";
import { browserOutages } from "./browser-outages";

/** While `isOut`, the page shows that it is not current, and `retry` is called when it may succeed. */
export function useOutage(isOut: boolean, retry: () => void): void {
  const [cause] = useState(() => ({}));
  useEffect(() => {
    if (isOut) browserOutages.report(cause, Date.now(), retry);
    else browserOutages.end(cause);
  }, [cause, isOut, retry]);
  useEffect(() => () => browserOutages.end(cause), [cause]);
}
