import { graphql } from "@/lib/document";

// Not in the component's file: the server sends this document, and would get a client reference from a client file.
export const PendingInvitationFields = graphql(`
  fragment PendingInvitationFields on Invitation {
    id
    email
    role
    roleName
    inviterName
    createdAt
    expiresAt
  }
`);
