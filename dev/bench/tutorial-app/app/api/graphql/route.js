/**
 * A GraphQL route as common tutorials write it: decodes the token and reads the user from Clerk on each request. Only for
 * comparison.
 */
import { ApolloServer } from "@apollo/server";
import { startServerAndCreateNextHandler } from "@as-integrations/next";
import { createClerkClient } from "@clerk/backend";
import { decodeJwt } from "@clerk/backend/jwt";

const clerk = createClerkClient({
  secretKey: process.env.CLERK_SECRET_KEY,
  apiUrl: process.env.CLERK_API_URL,
  telemetry: { disabled: true },
});

const typeDefs = "type Query { viewer: Viewer } type Viewer { id: ID!, email: String }";

const resolvers = {
  Query: {
    viewer: (_root, _args, { user }) => ({
      id: user.id,
      email: user.primaryEmailAddress?.emailAddress,
    }),
  },
};

const handler = startServerAndCreateNextHandler(new ApolloServer({ typeDefs, resolvers }), {
  context: async (request) => {
    const token = request.headers.get("authorization")?.replace("Bearer ", "") ?? "";
    const { payload } = decodeJwt(token);
    return { user: await clerk.users.getUser(payload.sub) };
  },
});

export async function POST(request) {
  return handler(request);
}
