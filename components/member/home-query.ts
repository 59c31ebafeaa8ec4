import { FeedFields } from "@/components/social/feed-fields"; // part of the sample product
import { graphql, type ResultOf } from "@/lib/document";

// Not in the component's file: the server preloads this document, and would get a client reference from a client file.
export const homeQuery = graphql(
  `
  query Home {
    viewer {
      id
      name
      email
      username
      imageUrl
      createdAt
      organizationId
      memberships {
        id
        role
        organization {
          id
          name
          imageUrl
          membersCount
          isViewerAdmin
        }
      }
      invitations {
        id
        email
        roleName
        role
        organizationId
        organizationName
        organizationImageUrl
        inviterName
        expiresAt
      }
      ...FeedFields # part of the sample product
    }
  }
`,
  [
    FeedFields, // part of the sample product
  ],
);

export type HomeViewer = ResultOf<typeof homeQuery>["viewer"];
