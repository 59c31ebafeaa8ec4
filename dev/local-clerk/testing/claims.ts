/** Returns the claims of a JWT without checking its signature. */
export function decodeUnverified(jwt: string) {
  return JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString());
}
