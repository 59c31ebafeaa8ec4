const timeoutMs = 5_000;
const intervalMs = 10;

/** Polls `find` until it returns a truthy value, and resolves to that value. Throws after five seconds. */
export async function waitUntil<T>(
  find: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  for (let tries = 0; tries < timeoutMs / intervalMs; tries += 1) {
    const found = await find();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
  throw new Error(`The condition did not hold within ${timeoutMs} ms.`);
}
