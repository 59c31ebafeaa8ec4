import { graphql } from "@/lib/document";

// The server reads this document too, so it is not in the component's file: from a client file, the server would get a client
// reference.
export const SessionFields = graphql(`
  fragment SessionFields on Session {
    id
    isCurrent
    isImpersonated
    device
    place
    lastActiveAt
    createdAt
  }
`);
