import { graphql } from "@/lib/document";

export const BulkActFields = graphql(`
  fragment BulkActFields on BulkAct {
    id
    label
    objectKind
    actorId
    actorName
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
  }
`);

export const BulkActItemFields = graphql(`
  fragment BulkActItemFields on BulkActItem {
    position
    objectId
    objectName
    state
    note
    act {
      id
      state
      error
    }
  }
`);
