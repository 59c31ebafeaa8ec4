"use client";

import { useState } from "react";

/** A value that the browser may show before the server confirms it. A new `known` value from the server replaces it. */
export function useShownValue<Value>(known: Value): [Value, (value: Value) => void] {
  const [shown, setShown] = useState(known);
  const [last, setLast] = useState(known);
  if (last !== known) {
    setLast(known);
    setShown(known);
  }
  return [shown, setShown];
}
