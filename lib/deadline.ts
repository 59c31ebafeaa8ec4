/** A limit on how long a caller waits for a promise. */

/**
 * Settles like `work` within `ms`; after that, like `onTimeout` returns or throws. The work is not cancelled: it may still take
 * effect, and its late result or error is ignored.
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
