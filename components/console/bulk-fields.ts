import { graphql } from "@/lib/document";

export const BulkActFields = graphql(`
  fragment BulkActFields on BulkAct {
    id
    label
    reason
    state
    note
    requestedAt
    endedAt
    all: itemsCount
    pending: itemsCount(state: PENDING)
    done: itemsCount(state: DONE)
    skipped: itemsCount(state: SKIPPED)
    refused: itemsCount(state: REFUSED)
    items {
      position
      objectId
      state
      note
      act {
        id
        error
      }
    }
  }
`);
