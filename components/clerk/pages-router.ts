/**
 * Stands in for `next/router` and `next/script` (`next.config.ts`): Clerk's provider imports them for apps with the pages router, and
 * uses neither in this one. The real modules would be 25 kB on each page.
 */
const fail = (): never => {
  throw new Error("This app has no pages router. Import useRouter from next/navigation.");
};

export const useRouter = fail;
export default fail;
