/** A limit on how long a caller waits for a promise. */

/**
 * Settles like `work` if that settles within `ms`. Otherwise resolves to what `onTimeout` returns, or rejects with what it
 * throws. The work is not cancelled: it may still take effect, and its late result or error is ignored.
 */
export function withDeadline<Result>(
  work: Promise<Result>,
  ms: number,
  onTimeout: () => Result,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      try {
        resolve(onTimeout());
      } catch (error) {
        reject(error);
      }
    }, ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
