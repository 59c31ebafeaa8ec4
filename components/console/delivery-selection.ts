import type { graphql } from "@/lib/document";

/** The deliveries to which an act is applied: a list of ids, or all deliveries that match a filter. */
export type DeliverySelection = NonNullable<ReturnType<typeof graphql.scalar<"DeliverySelection">>>;
