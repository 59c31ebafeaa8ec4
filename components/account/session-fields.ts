import { graphql } from "@/lib/document";

// Not in the component's file: the server reads this document, and would get a client reference from a client file.
export const SessionFields = graphql(`
  fragment SessionFields on Session {
    id
    isCurrent
    isImpersonated
    lastActiveAt
    createdAt
  }
`);
