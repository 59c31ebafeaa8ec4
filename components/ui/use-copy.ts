import { useEffect, useState } from "react";

export type CopyState = "idle" | "copied" | "failed";

/** Returns the state of a copy button, and the function that copies. The state returns to idle after two seconds. */
export function useCopy(textOf: () => string): [CopyState, () => void] {
  const [state, setState] = useState<CopyState>("idle");
  useEffect(() => {
    if (state === "idle") return;
    const timer = setTimeout(() => setState("idle"), 2000);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = () =>
    void navigator.clipboard.writeText(textOf()).then(
      () => setState("copied"),
      () => setState("failed"),
    );
  return [state, copy];
}
