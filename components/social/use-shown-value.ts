"use client";

import { useState } from "react";

/**
 * The state of a value that the browser may show before the server confirms it. A new `known` value from the server replaces the
 * shown value.
 */
export function useShownValue<Value>(known: Value): [Value, (value: Value) => void] {
  const [shown, setShown] = useState(known);
  const [last, setLast] = useState(known);
  if (last !== known) {
    setLast(known);
    setShown(known);
  }
  return [shown, setShown];
}
