/**
 * Sends one signed message to an endpoint. Follows no redirect, connects to no refused address, uses only the status of the
 * response, and gives up after a deadline. Logs nothing: the URL and the body are secret.
 */
import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { isIP } from "node:net";
import { AddressRefused, addressRefusal, guardedLookup, hostOf, type Resolver } from "./address";
import { signatureHeaders } from "./signature";

export const DEADLINE_MS = 15_000;

/**
 * The maximum number of response bytes that are read. A short response is read to its end, so that the endpoint sees no broken
 * connection.
 */
const READ_BYTES = 16 * 1_024;

export type Target = { url: string; secrets: string[]; allowsPrivateAddress: boolean };

/** `id` stays the same when the message is sent again; `body` is JSON. */
export type Message = { id: string; body: string };

/**
 * `gone`: the endpoint responded with 410, so it wants no more messages. `reason` continues a sentence that starts with "it".
 * `code` is for the log, such as HTTP_500 or ECONNREFUSED. `reason` and `code` contain neither the URL nor data of the message.
 */
export type SendResult =
  | { outcome: "accepted"; status: number }
  | { outcome: "gone" | "failed"; code: string; reason: string };

type SendOptions = {
  /** Aborts the request. {@link send} then rejects, because an abort is no failure of the endpoint. */
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

/** Resolves when the headers of the response have arrived. */
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
      // Opens a new connection for each message: a reused one might have been opened under another endpoint's policy.
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

/**
 * Reads and ignores the body. Only the status counts, so a response that breaks off or is too slow after its headers is no
 * failure.
 */
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

/**
 * Sends a message. Does not reject for a failure of the endpoint. @throws the signal's reason when it is aborted before the
 * response.
 */
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
