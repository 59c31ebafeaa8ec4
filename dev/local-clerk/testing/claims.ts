/** The claims of a JWT. Its signature is not checked. */
export function decodeUnverified(jwt: string) {
  return JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString());
}
