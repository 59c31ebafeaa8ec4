/** Base64 of `{"type":"default"`. At img.clerk.com, the last part of an image's URL is such a description of the image. */
const DEFAULT_IMAGE = "/eyJ0eXBlIjoiZGVmYXVsdCI";
/** Parts of the URLs of placeholder images: those of the local Clerk, and those of old Clerk instances. */
const PLACEHOLDERS = ["/avatar_placeholder/", "//www.gravatar.com/avatar?d=mp"];

/** True for an image that Clerk generated because the user or organization has no picture. */
export function isDrawnByClerk(imageUrl: string): boolean {
  return [DEFAULT_IMAGE, ...PLACEHOLDERS].some((part) => imageUrl.includes(part));
}
