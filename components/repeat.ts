const GROWTH = 1.5;

/** Calls `act` after `firstMs`, and then at intervals that grow up to `longestMs`. Returns a function that ends it. */
export function repeat(
  act: () => void,
  { firstMs, longestMs }: { firstMs: number; longestMs: number },
): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const schedule = (waitMs: number) => {
    timer = setTimeout(() => {
      act();
      schedule(Math.min(waitMs * GROWTH, longestMs));
    }, waitMs);
  };
  schedule(firstMs);
  return () => clearTimeout(timer);
}
