/**
 * Determines which addresses the change feed may connect to. Without `--allow-private`, an endpoint's URL cannot reach a service
 * inside the network of this server (SSRF). A host name is checked when it is resolved for the connection, because an earlier
 * check may have seen another address.
 */
import { type LookupAddress, lookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

/**
 * Builds a list of IPv4 and IPv6 ranges. Also adds each IPv4 range in its two IPv6 forms: IPv4-mapped addresses, and NAT64
 * addresses (RFC 6052).
 */
function ranges(ipv4: string[], ipv6: string[]): BlockList {
  const list = new BlockList();
  const add = (text: string, offset: number, family: "ipv4" | "ipv6", prefix = "") => {
    const [net = "", length] = text.split("/");
    list.addSubnet(prefix + net, offset + Number(length), family);
  };
  for (const range of ipv4) {
    add(range, 0, "ipv4");
    add(range, 96, "ipv6", "::ffff:");
    add(range, 96, "ipv6", "64:ff9b::");
  }
  for (const range of ipv6) add(range, 0, "ipv6");
  return list;
}

/** Private addresses: loopback, RFC 1918, carrier-grade NAT (RFC 6598) and unique local addresses (RFC 4193). */
const privateRanges = ranges(
  ["127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"],
  ["::1/128", "fc00::/7"],
);

/**
 * Addresses that no endpoint may have: unspecified, link-local, multicast, documentation, benchmarks, transition mechanisms, and
 * the reserved ranges of IANA's special-purpose registries. Also the metadata addresses of Alibaba, Azure, AWS and Google that
 * are outside these ranges.
 */
const forbiddenRanges = ranges(
  [
    "0.0.0.0/8",
    "169.254.0.0/16",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
    "100.100.100.200/32",
    "168.63.129.16/32",
  ],
  ["fd00:ec2::254/128", "fd20:ce::254/128", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"],
);

/**
 * The IPv6 addresses that can be public: global unicast, and those that contain an IPv4 address. Apart from the private
 * addresses, all others are forbidden.
 */
const globalIpv6 = ranges(["0.0.0.0/0"], ["2000::/3"]);

type AddressKind = "public" | "private" | "forbidden";

/** Classifies an IP address in any notation that `isIP` accepts. Anything else is forbidden. */
export function addressKind(address: string): AddressKind {
  const version = isIP(address);
  // An address with a zone, such as fe80::1%eth0, is link-local.
  if (version === 0 || address.includes("%")) return "forbidden";
  const family = version === 4 ? "ipv4" : "ipv6";
  if (forbiddenRanges.check(address, family)) return "forbidden";
  if (privateRanges.check(address, family)) return "private";
  return family === "ipv4" || globalIpv6.check(address, family) ? "public" : "forbidden";
}

/** The addresses that an endpoint may have depend on its protocol and on `--allow-private`. */
export type AddressPolicy = { protocol: string; allowsPrivate: boolean };

/** Returns why an endpoint must not be at `address`, in words that continue "the URL leads to"; null if it is allowed. */
export function addressRefusal(address: string, policy: AddressPolicy): string | null {
  const kind = addressKind(address);
  if (kind === "forbidden") return "a link-local, metadata, multicast or reserved address";
  if (kind === "private")
    return policy.allowsPrivate ? null : "a private address, which was not allowed for it";
  // Personal data does not cross the internet unencrypted.
  return policy.protocol === "https:" ? null : "a public address over http:";
}

export class AddressRefused extends Error {
  override name = "AddressRefused";
}

/** The type of Node's `lookup` with the option `all`, which returns every address. Tests pass a stub. */
export type Resolver = (
  hostname: string,
  options: { all: true; family: number },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Returns the host of a URL in the form that `isIP` accepts. The URL parser has already normalised decimal, octal and hexadecimal
 * spellings of an IPv4 address.
 */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1");
}

/**
 * Resolves a host name for a connection and checks the addresses; the connection uses these addresses. The name is refused if any
 * of its addresses is refused. Node does not call this function for a URL with an IP address: see {@link addressRefusal}.
 */
export function guardedLookup(policy: AddressPolicy, resolve: Resolver = lookup): LookupFunction {
  return (hostname, options, callback) => {
    const family = options.family === 4 || options.family === 6 ? options.family : 0;
    resolve(hostname, { all: true, family }, (error, addresses) => {
      if (error) return callback(error, "");
      for (const { address } of addresses) {
        const refusal = addressRefusal(address, policy);
        if (refusal) return callback(new AddressRefused(refusal), "");
      }
      const [first] = addresses;
      if (!first) return callback(new AddressRefused("no address"), "");
      if (options.all) return callback(null, addresses);
      callback(null, first.address, first.family);
    });
  };
}
