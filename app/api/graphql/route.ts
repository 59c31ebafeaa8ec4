import { answerGraphQL } from "@/lib/graphql/http";

export const GET = answerGraphQL;
export const POST = answerGraphQL;
