/** A limit on how long a caller waits for a promise. */

/**
 * Settles as `work` does, or as `onTimeout` returns or throws once `ms` have passed. The work is not cancelled: it may still
 * take effect, and its late result or error is dropped.
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
