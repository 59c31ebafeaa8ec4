// Stores uploaded images unchanged. Accepts up to 10 MB, and only content types that a browser displays and that cannot contain
// scripts, so no SVG.

import type { ClerkContext } from "../context";
import { bodyInvalid, paramInvalid, refusal } from "../errors";
import { newId } from "../ids";

/** The content types, each with the first bytes of its files. */
const signatures = [
  ["image/png", /^\x89PNG/],
  ["image/jpeg", /^\xff\xd8\xff/],
  ["image/gif", /^GIF8/],
  ["image/webp", /^RIFF.{4}WEBP/s],
] as const;
const contentTypes = new Set<string>(signatures.map(([type]) => type));
/** clerk-js sends an image in this type if the page passes a string instead of a file. */
const encodedType = "application/octet-stream";
const maxBytes = 10_000_000;

type Upload = { contentType: string; bytes: Buffer };

/** Reads the `file` field of a multipart form, or a request body that is the image itself. */
export async function readUpload(request: Request): Promise<Upload> {
  const type = request.headers.get("content-type") ?? "";
  const file = type.startsWith("multipart/form-data")
    ? (await formOf(request)).get("file")
    : await request.blob();
  if (file === null || typeof file === "string" || file.size === 0) {
    const message = "There was no image file present in the request";
    throw refusal(400, "form_param_missing", "Image file missing", message);
  }
  if (file.type === encodedType) return decoded(await file.text());
  if (!contentTypes.has(file.type)) throw paramInvalid("file", "file must be an image.");
  if (file.size > maxBytes) throw paramInvalid("file", "file must be at most 10 MB.");
  return { contentType: file.type, bytes: Buffer.from(await file.arrayBuffer()) };
}

/** Decodes an image that a page sent as a string, which is Base64 with or without the prefix of a data URL. */
function decoded(text: string): Upload {
  const bytes = Buffer.from(text.replace(/^data:[^,]*,/, ""), "base64");
  const [contentType] =
    signatures.find(([, pattern]) => pattern.test(bytes.toString("latin1", 0, 12))) ?? [];
  if (!contentType) throw paramInvalid("file", "file must be an image.");
  if (bytes.length > maxBytes) throw paramInvalid("file", "file must be at most 10 MB.");
  return { contentType, bytes };
}

async function formOf(request: Request): Promise<FormData> {
  try {
    return await request.formData();
  } catch {
    throw bodyInvalid();
  }
}

export async function storeUpload(context: ClerkContext, request: Request): Promise<string> {
  return storeImage(context, await readUpload(request));
}

export function storeImage(context: ClerkContext, { contentType, bytes }: Upload): string {
  const id = newId("img", context.clock.now());
  context.state.images.put({ id, contentType, bytes: bytes.toString("base64") });
  return id;
}
