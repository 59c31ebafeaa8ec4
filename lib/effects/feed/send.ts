/**
 * Sends one signed message to an endpoint. Follows no redirect, connects to no address that is refused, reads no more of the
 * answer than its status, and gives up after a deadline. Logs nothing: the URL and the body are secret.
 */
import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { isIP } from "node:net";
import { AddressRefused, addressRefusal, guardedLookup, hostOf, type Resolver } from "./address";
import { signatureHeaders } from "./signature";

export const DEADLINE_MS = 15_000;

/** The rest of a longer answer is not read. A short one is, so that its sender sees no broken connection. */
const READ_BYTES = 16 * 1_024;

export type Target = { url: string; secrets: string[]; allowsPrivateAddress: boolean };

/** `id` stays the same when the message is sent again; `body` is JSON. */
export type Message = { id: string; body: string };

/**
 * `gone`: the endpoint answered 410, so it wants no more messages. A reason follows "it" in a sentence. The code is for the log,
 * such as HTTP_500 or ECONNREFUSED. Neither contains the URL or data of the message.
 */
export type SendResult =
  | { outcome: "accepted"; status: number }
  | { outcome: "gone" | "failed"; code: string; reason: string };

type SendOptions = {
  /** Aborts the request; {@link send} then rejects, because nothing is known about the endpoint. */
  signal?: AbortSignal | undefined;
  now?: Date;
  deadlineMs?: number;
  resolver?: Resolver | undefined;
};

function resultOf(status: number): SendResult {
  if (status >= 200 && status < 300) return { outcome: "accepted", status };
  const code = `HTTP_${status}`;
  if (status === 410) {
    return { outcome: "gone", code, reason: "answered 410: it wants no more messages" };
  }
  const isRedirect = status >= 300 && status < 400;
  const more = isRedirect ? ", a redirect, which is not followed" : "";
  return { outcome: "failed", code, reason: `answered ${status}${more}` };
}

function failureOf(error: unknown): SendResult {
  const outcome = "failed";
  if (error instanceof AddressRefused) {
    const reason = `was not called: the URL leads to ${error.message}`;
    return { outcome, code: "ADDRESS_REFUSED", reason };
  }
  const inner = error instanceof AggregateError ? error.errors[0] : error;
  const known = inner instanceof Error && "code" in inner ? inner.code : undefined;
  const code = typeof known === "string" ? known : "UNKNOWN";
  return { outcome, code, reason: `could not be reached (${code})` };
}

type Attempt = { signal: AbortSignal; now: Date; resolver: Resolver | undefined };

/** Resolves when the head of the answer has arrived. */
function request(target: Target, message: Message, attempt: Attempt): Promise<IncomingMessage> {
  const url = new URL(target.url);
  const policy = { protocol: url.protocol, allowsPrivate: target.allowsPrivateAddress };
  const host = hostOf(url);
  const refusal = isIP(host) ? addressRefusal(host, policy) : null;
  if (refusal) throw new AddressRefused(refusal);
  const body = Buffer.from(message.body);
  const { request } = url.protocol === "https:" ? https : http;
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: "POST",
      // A connection of its own: a reused one might have been opened under another endpoint's policy.
      agent: false,
      lookup: guardedLookup(policy, attempt.resolver),
      signal: attempt.signal,
      headers: {
        "content-type": "application/json",
        "content-length": body.byteLength,
        "user-agent": "Rollcall-Feed/1",
        ...signatureHeaders(message.id, attempt.now, body, target.secrets),
      },
    });
    sent.on("response", resolve);
    sent.on("error", reject);
    sent.end(body);
  });
}

/** The status decides, so an answer that breaks off or is too slow after its head is no failure. */
async function discardBody(response: IncomingMessage): Promise<void> {
  let size = 0;
  try {
    for await (const chunk of response) {
      size += Buffer.byteLength(chunk);
      if (size > READ_BYTES) break;
    }
  } catch {
    response.destroy();
  }
}

/** Never rejects for a failure of the endpoint. @throws the signal's reason when it is aborted before an answer. */
export async function send(
  target: Target,
  message: Message,
  { signal, now = new Date(), deadlineMs = DEADLINE_MS, resolver }: SendOptions = {},
): Promise<SendResult> {
  signal?.throwIfAborted();
  const deadline = AbortSignal.timeout(deadlineMs);
  const either = signal ? AbortSignal.any([signal, deadline]) : deadline;
  try {
    const response = await request(target, message, { signal: either, now, resolver });
    await discardBody(response);
    return resultOf(response.statusCode ?? 0);
  } catch (error) {
    signal?.throwIfAborted();
    if (!deadline.aborted) return failureOf(error);
    const reason = `did not answer within ${deadlineMs / 1_000} s`;
    return { outcome: "failed", code: "TIMEOUT", reason };
  }
}
