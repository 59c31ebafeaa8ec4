/**
 * A request's body, or null when it is more than `maxBytes`. With a length, which the server's parser holds the sender to,
 * it is read at once; without one, piece by piece, and no further than that.
 */
export async function readBody(request: Request, maxBytes: number): Promise<Buffer | null> {
  const length = request.headers.get("content-length");
  if (length !== null) {
    if (!(Number(length) <= maxBytes)) return null;
    const body = Buffer.from(await request.arrayBuffer());
    return body.byteLength <= maxBytes ? body : null;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
