import { graphql } from "@/lib/document";

export const ArchivePlotData = graphql(`
  fragment ArchivePlotData on Archive {
    days {
      day
      archived
      purged
    }
  }
`);
