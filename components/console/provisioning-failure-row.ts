import { graphql } from "@/lib/document";

// Not in the component's file: the page composes this fragment on the server, and would get a client reference from a client file.
export const ProvisioningFailureRow = graphql(`
  fragment ProvisioningFailureRow on ProvisioningFailure {
    userId
    attempts
    error
    retryAt
  }
`);
