"use client";

import { useApolloClient } from "@apollo/client/react";
import { useAuth, useReverification } from "@clerk/nextjs";
import { isReverificationCancelledError } from "@clerk/nextjs/errors";
import { graphql } from "@/lib/document";

const reverifiedQuery = graphql(`
  query ViewerIsReverified {
    viewer {
      id
      isReverified
    }
  }
`);

/** Makes Clerk ask the user for a factor, and then check again. */
const needsReverification = {
  clerk_error: {
    type: "forbidden",
    reason: "reverification-error",
    metadata: { reverification: "strict" },
  },
} as const;

/**
 * Returns a function that has the user confirm that it is them, if they have not done so in the last 10 minutes. It resolves to
 * false if they close Clerk's dialog. The server checks again by itself.
 */
export function useReverified(): () => Promise<boolean> {
  const client = useApolloClient();
  const { getToken } = useAuth();
  const check = useReverification(async () => {
    // A token from before the confirmation would say that there was none.
    await getToken({ skipCache: true });
    const { data } = await client.query({ query: reverifiedQuery, fetchPolicy: "no-cache" });
    return data?.viewer.isReverified ? true : needsReverification;
  });
  return async () => {
    try {
      return (await check()) === true;
    } catch (error) {
      if (error instanceof Error && isReverificationCancelledError(error)) return false;
      throw error;
    }
  };
}
