import { streamGraphQL } from "@/lib/graphql/transport/sse";

export const POST = streamGraphQL;
