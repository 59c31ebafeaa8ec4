/** The sample product's entries in the lists of the privacy page. */
export function SocialKept() {
  return <li>Your public profile, your wishlist, and whom you follow or block.</li>;
}

export function SocialDeleted() {
  return <li>Deleted too: your profile, your wishlist, and your follows.</li>;
}
