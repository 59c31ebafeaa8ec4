import { graphql } from "@/lib/document";

// Not in the component's file: the server preloads a document with this fragment, and would get a client reference from a client
// file.
export const FeedFields = graphql(`
  fragment FeedFields on Viewer {
    profile {
      id
      handle
      isHandleChosen
      followingCount
    }
    wishlist(first: 1) {
      totalCount
    }
    feed(first: 20) {
      id
      createdAt
      person {
        id
        handle
        name
        imageUrl
      }
      country {
        id
        slug
        name
      }
    }
  }
`);
