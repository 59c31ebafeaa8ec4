import { graphql } from "@/lib/document";

// Not in the component's file: the page composes this fragment on the server, and from a client file it would get a reference.
export const ProvisioningFailureRow = graphql(`
  fragment ProvisioningFailureRow on ProvisioningFailure {
    userId
    attempts
    error
    retryAt
  }
`);
