import { answerAction } from "@/lib/intents/http";

export const POST = answerAction;
