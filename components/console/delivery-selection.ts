import type { graphql } from "@/lib/document";

/** The deliveries that an act is about: some by their ids, or all of a filter. */
export type DeliverySelection = NonNullable<ReturnType<typeof graphql.scalar<"DeliverySelection">>>;
