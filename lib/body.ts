/** Reads the body of an API request. Refuses a body that is too large or compressed. */

/** The response to a request whose body was refused: status, message and headers. */
export type RefusedBody = { status: 413 | 415; error: string; headers: Record<string, string> };

/** The response to a compressed body: it could decompress to any size, and webhook signatures are computed on the plain bytes. */
const encoded: RefusedBody = {
  status: 415,
  error: "Send the body without a Content-Encoding.",
  headers: { "accept-encoding": "identity" },
};

function isEncoded(headers: Headers): boolean {
  const encoding = headers.get("content-encoding")?.trim().toLowerCase() ?? "";
  return encoding !== "" && encoding !== "identity";
}

/**
 * Reads a body of at most `maxBytes`. With a content-length, which the HTTP parser enforces, the body is read in one call.
 * Without a content-length it is read in chunks, and reading stops at `maxBytes`.
 */
export async function readBody(request: Request, maxBytes: number): Promise<Buffer | RefusedBody> {
  if (isEncoded(request.headers)) return encoded;
  const tooLarge: RefusedBody = {
    status: 413,
    error: `The body is larger than ${maxBytes} bytes, the most that is accepted here.`,
    headers: {},
  };
  const length = request.headers.get("content-length");
  if (length !== null) {
    if (!(Number(length) <= maxBytes)) return tooLarge;
    const body = Buffer.from(await request.arrayBuffer());
    return body.byteLength <= maxBytes ? body : tooLarge;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) return tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
