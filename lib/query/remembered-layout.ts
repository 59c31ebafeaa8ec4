import "server-only";
import { graphql } from "../document";
import { query } from "./query";

const layoutQuery = graphql(`
  query ConsoleLayout($consoleList: ConsoleList!) {
    consoleLayout(consoleList: $consoleList)
  }
`);

type ConsoleList = NonNullable<ReturnType<typeof graphql.scalar<"ConsoleList">>>;

/**
 * Resolves to the columns, density and page size that the viewer last chose for a list of the console, as parameters of its URL.
 */
export async function rememberedLayout(consoleList: ConsoleList): Promise<string> {
  const { data } = await query({ query: layoutQuery, variables: { consoleList } });
  return data.consoleLayout ?? "";
}
