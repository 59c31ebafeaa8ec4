/**
 * Stands in for `@tanstack/query-core` (`next.config.ts`), which only Clerk's list hooks use, such as `useOrganizationList`. This app
 * reads lists from its own API. Clerk's package is one file, so the real module would be 9 kB on each page of a signed-in user.
 */
export class QueryClient {
  constructor() {
    throw new Error(
      "This hook of Clerk's needs @tanstack/query-core. Remove its alias from next.config.ts.",
    );
  }
}

export const QueryObserver = QueryClient;
export const InfiniteQueryObserver = QueryClient;
export const notifyManager = {};
export const noop = () => {};
