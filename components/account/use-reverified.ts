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

/** The result that makes Clerk's `useReverification` ask the user to verify again, and then repeat the check. */
const needsReverification = {
  clerk_error: {
    type: "forbidden",
    reason: "reverification-error",
    metadata: { reverification: "strict" },
  },
} as const;

/**
 * Returns a function that asks the user for a reverification, unless the last reverification was within 10 minutes. It resolves
 * to false if the user closes Clerk's dialog. The server does not rely on this: it checks again.
 */
export function useReverified(): () => Promise<boolean> {
  const client = useApolloClient();
  const { getToken } = useAuth();
  const check = useReverification(async () => {
    // Skips Clerk's token cache, because a token from before the reverification lacks the new verification times.
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
