import { graphql, type ResultOf } from "@/lib/document";

export const ArchiveEntryFields = graphql(`
  fragment ArchiveEntryFields on OpenArchiveEntry {
    problem
    entry {
      id
      kind
      reason
      deletedAt
      archivedAt
      purgeAt
      heldAt
    }
    purchases {
      id
      table
      status
      amount
      currency
      plans
      createdAt
    }
    notes {
      at
      by
      byName
      text
    }
    acts {
      at
      actor
      actorName
      action
      reason
    }
  }
`);

export type OpenedEntry = ResultOf<typeof ArchiveEntryFields>;
