/**
 * Reads a request's body; null if it is larger than `maxBytes`. With a content-length, which the HTTP parser enforces, it is
 * read at once. Without one it is read in chunks, and no further than `maxBytes`.
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
