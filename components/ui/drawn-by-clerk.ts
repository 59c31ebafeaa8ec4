/** Base64 of `{"type":"default"`: the image's description is the last part of its URL at img.clerk.com. */
const DEFAULT_IMAGE = "/eyJ0eXBlIjoiZGVmYXVsdCI";
/** The local Clerk's placeholders, and those of old Clerk instances. */
const PLACEHOLDERS = ["/avatar_placeholder/", "//www.gravatar.com/avatar?d=mp"];

/** Clerk gives everybody an image. True for one that Clerk drew because there is no picture. */
export function isDrawnByClerk(imageUrl: string): boolean {
  return [DEFAULT_IMAGE, ...PLACEHOLDERS].some((part) => imageUrl.includes(part));
}
