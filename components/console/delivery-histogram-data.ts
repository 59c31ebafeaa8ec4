import { graphql } from "@/lib/document";

export const DeliveryHistogramData = graphql(`
  fragment DeliveryHistogramData on DeliveryHistogram {
    start
    bucketMs
    bucketCount
    countedSince
    outcomes {
      outcome
      counts
    }
  }
`);
