/** Checks the URL of a new endpoint, with an error that says what to change. The address is checked again at every connection. */
import { isIP } from "node:net";
import { UserError } from "../../errors";
import { AddressRefused, addressRefusal, guardedLookup, hostOf, type Resolver } from "./address";

const LONGEST = 2_000;

/**
 * Resolves to the reason why the host's address is refused, or to null. A name that does not resolve is accepted: it may resolve
 * later.
 */
async function refusalOf(url: URL, allowsPrivate: boolean, resolver?: Resolver) {
  const policy = { protocol: url.protocol, allowsPrivate };
  const host = hostOf(url);
  if (isIP(host)) return addressRefusal(host, policy);
  return new Promise<string | null>((resolve) => {
    guardedLookup(policy, resolver)(host, { all: true }, (error) =>
      resolve(error instanceof AddressRefused ? error.message : null),
    );
  });
}

/**
 * Resolves to the normalised URL without its fragment. @throws UserError whose message does not quote the URL, because the URL
 * may contain a secret.
 */
export async function parseEndpointUrl(
  text: string,
  { allowsPrivate, resolver }: { allowsPrivate: boolean; resolver?: Resolver },
): Promise<string> {
  if (!URL.canParse(text) || text.length > LONGEST) {
    throw new UserError("The URL is not valid. Give it whole, such as https://example.com/hooks.");
  }
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new UserError("The URL must begin with https://.");
  }
  if (url.username || url.password) {
    throw new UserError(
      "The URL must not contain a user name or a password. The receiver verifies the signature instead.",
    );
  }
  if (url.protocol === "http:" && !allowsPrivate) {
    throw new UserError(
      "The URL must begin with https://. Only an endpoint in your own network may use http://: add --allow-private.",
    );
  }
  url.hash = "";
  const refusal = await refusalOf(url, allowsPrivate, resolver);
  if (refusal) {
    const remedy = refusal.includes("private")
      ? "If the endpoint is in your own network, add --allow-private."
      : "Use another URL.";
    throw new UserError(`The URL leads to ${refusal}. ${remedy}`);
  }
  return url.href;
}
