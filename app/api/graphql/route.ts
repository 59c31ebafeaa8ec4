import { answerGraphQL } from "@/lib/graphql/transport/http";

export const GET = answerGraphQL;
export const POST = answerGraphQL;
// The route is dynamic in any case. Without this, Next wraps the request to track each access, which is slower.
export const dynamic = "force-dynamic";
