import { type FragmentOf, graphql, type ResultOf } from "@/lib/document";
import { formatCount } from "@/lib/format";
import type { ListViewProps } from "./list-names";

export const BulkableActFields = graphql(`
  fragment BulkableActFields on BulkableAct {
    name
    label
    busyLabel
    sentence
    reason
    isDestructive
    isIrreversible
  }
`);

export type BulkableAct = ResultOf<typeof BulkableActFields>;

/** What can be done with the selected rows of a list: acts at Clerk and an export, or the replay of deliveries. */
export type ForSelection = ClerkObjects | "deliveries";

export type ClerkObjects = {
  acts: FragmentOf<typeof BulkableActFields>[];
  /** The roles to choose from: key and name. */
  roles?: { key: string; name: string }[];
  /** The name of the list in the export, the fields to choose from, and the list's own arguments. */
  exported: {
    list: NonNullable<ListViewProps["exported"]>["list"] | "members";
    fields: { id: string; label: string; isOptional: boolean }[];
    arguments?: { id: string };
  };
};

const singular = new Map([
  ["people", "person"],
  ["organizations", "organization"],
  ["members", "member"],
  ["invitations", "invitation"],
  ["deliveries", "delivery"],
]);

/** Returns a count with its noun, which is given in the plural: "1 person", "12 people". */
export const countedRows = (count: number, what: string): string =>
  `${formatCount(count)} ${count === 1 ? (singular.get(what) ?? what) : what}`;
