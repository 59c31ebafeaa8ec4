// Makes one attempt to deliver a webhook over HTTP. It follows no redirects and does not read the response body.

import { z } from "zod";
import type { MessageRecord } from "../store/records-webhooks";

export const responseTimeoutMs = 15_000;

const systemError = z.object({ code: z.string() });

type Post = {
  url: string;
  message: MessageRecord;
  at: number;
  signature: string;
  controller: AbortController;
};

export async function postWebhook({ url, message, at, signature, controller }: Post) {
  try {
    const response = await fetch(url, {
      method: "POST",
      redirect: "manual",
      signal: controller.signal,
      headers: {
        "content-type": "application/json",
        "user-agent": "Svix-Webhooks/1.99 (local Clerk)",
        "svix-id": message.id,
        "svix-timestamp": Math.floor(at / 1000).toString(),
        "svix-signature": signature,
      },
      body: message.body,
    });
    await response.body?.cancel();
    return { status: response.status, error: null };
  } catch (error) {
    return {
      status: null,
      error: controller.signal.aborted ? "no response within 15 s" : reasonOf(error),
    };
  }
}

/** Returns the reason of a fetch error. The error's message is only "fetch failed"; its cause has the system's error code. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = systemError.safeParse(error.cause);
  return cause.success ? cause.data.code : error.message;
}
