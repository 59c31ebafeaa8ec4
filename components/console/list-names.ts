import type { ColumnChoice } from "@/components/ui/table";
import type { graphql } from "@/lib/document";

/** The API's enum of the console's lists. */
export type ConsoleList = NonNullable<ReturnType<typeof graphql.scalar<"ConsoleList">>>;

/** The props of a list's panels. */
export type ListViewProps = {
  list: ConsoleList;
  path: string;
  /** The list's search, filters, order and layout, as URL parameters. Excludes the cursor. */
  kept: Record<string, string>;
  columns: ColumnChoice[];
  /** The ids of the shown columns after the first. */
  shown: string[];
  /**
   * Only for a list that can be exported: its name in the export's URL, the field of the first column, and the list's arguments.
   */
  exported?: {
    list: "users" | "organizations" | "invitations" | "audit";
    nameField: { id: string; label: string };
    variables: { query: string | null; filter: object | null; orderBy: object };
  };
};
