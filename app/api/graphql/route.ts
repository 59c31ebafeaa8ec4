import { answerGraphQL } from "@/lib/graphql/transport/http";

export const GET = answerGraphQL;
export const POST = answerGraphQL;
// It is so anyway; said aloud, Next does not watch every look at the request.
export const dynamic = "force-dynamic";
