import { answerExplorer } from "@/lib/graphql/transport/explorer";

export const GET = answerExplorer;
