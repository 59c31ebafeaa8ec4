/**
 * Base64 of `{"type":"default"`. At img.clerk.com, the last part of an image's URL is a JSON description of the image in base64.
 */
const DEFAULT_IMAGE = "/eyJ0eXBlIjoiZGVmYXVsdCI";
/** Parts of the URLs of other generated images: the first is of the local Clerk, the second of old Clerk instances. */
const PLACEHOLDERS = ["/avatar_placeholder/", "//www.gravatar.com/avatar?d=mp"];

/** True for an image that Clerk generated because the user or organization has no picture. */
export function isDrawnByClerk(imageUrl: string): boolean {
  return [DEFAULT_IMAGE, ...PLACEHOLDERS].some((part) => imageUrl.includes(part));
}
