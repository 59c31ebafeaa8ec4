import { answerExplorer } from "@/lib/graphql/explorer";

export const GET = answerExplorer;
