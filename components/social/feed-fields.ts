import { graphql } from "@/lib/document";

// Not in the component's file: the server preloads the home page's document, which has this fragment.
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
