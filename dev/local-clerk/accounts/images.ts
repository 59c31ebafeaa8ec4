// Stores uploaded images unchanged. Accepts up to 10 MB, and only content types that a browser displays and that cannot contain
// scripts, so no SVG.

import type { ClerkContext } from "../context";
import { bodyInvalid, paramInvalid, refusal } from "../errors";
import { newId } from "../ids";

const contentTypes = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
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
  if (!contentTypes.has(file.type)) throw paramInvalid("file", "file must be an image.");
  if (file.size > maxBytes) throw paramInvalid("file", "file must be at most 10 MB.");
  return { contentType: file.type, bytes: Buffer.from(await file.arrayBuffer()) };
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
