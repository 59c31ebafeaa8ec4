import { streamGraphQL } from "@/lib/graphql/sse";

export const POST = streamGraphQL;
