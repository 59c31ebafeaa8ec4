/** Sends GraphQL requests to the API's real route. */
import { POST } from "@/app/api/graphql/route";
import { signToken } from "./sign";

/** Signs a session token with `claims` and sends the request with it. Resolves to the parsed body of the response. */
export async function askGraphQL(
  claims: Record<string, unknown>,
  query: string,
  variables: object = {},
) {
  const token = signToken(process.env.TEST_PRIVATE_KEY ?? "", claims);
  const response = await POST(
    new Request("https://rollcall.test/api/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
    }),
  );
  return response.json();
}
