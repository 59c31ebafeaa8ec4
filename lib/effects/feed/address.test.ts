import { expect, test } from "vitest";
import { addressKind, guardedLookup, hostOf, type Resolver } from "./address";
import { parseEndpointUrl } from "./endpoint-url";

test.each([
  ["8.8.8.8", "public"],
  ["172.15.255.255", "public"],
  ["172.32.0.1", "public"],
  ["100.63.255.255", "public"],
  ["2606:4700:4700::1111", "public"],
  ["::ffff:8.8.8.8", "public"],
  ["64:ff9b::808:808", "public"],
  ["127.0.0.1", "private"],
  ["127.255.255.254", "private"],
  ["10.0.0.1", "private"],
  ["172.16.0.1", "private"],
  ["172.31.255.255", "private"],
  ["192.168.1.1", "private"],
  ["100.64.0.1", "private"],
  ["::1", "private"],
  ["0:0:0:0:0:0:0:1", "private"],
  ["fc00::1", "private"],
  ["fdff::1", "private"],
  ["::ffff:127.0.0.1", "private"],
  ["::ffff:7f00:1", "private"],
  ["::ffff:a00:1", "private"],
  ["64:ff9b::7f00:1", "private"],
  ["0.0.0.0", "forbidden"],
  ["169.254.169.254", "forbidden"],
  ["::ffff:169.254.169.254", "forbidden"],
  ["64:ff9b::a9fe:a9fe", "forbidden"],
  ["100.100.100.200", "forbidden"],
  ["168.63.129.16", "forbidden"],
  ["192.0.0.192", "forbidden"],
  ["192.0.2.1", "forbidden"],
  ["198.18.0.1", "forbidden"],
  ["224.0.0.1", "forbidden"],
  ["255.255.255.255", "forbidden"],
  ["::", "forbidden"],
  ["::127.0.0.1", "forbidden"],
  ["fe80::1", "forbidden"],
  ["fe80::1%eth0", "forbidden"],
  ["fec0::1", "forbidden"],
  ["ff02::1", "forbidden"],
  ["fd00:ec2::254", "forbidden"],
  ["fd20:ce::254", "forbidden"],
  ["2001:db8::1", "forbidden"],
  ["2001:0:4136:e378:8000:63bf:3fff:fdd2", "forbidden"],
  ["2002:7f00:1::", "forbidden"],
  ["64:ff9b:1::7f00:1", "forbidden"],
  ["example.com", "forbidden"],
  ["", "forbidden"],
])("addressKind classifies %s as %s", (address, kind) => {
  expect(addressKind(address)).toBe(kind);
});

/** Returns a stub resolver that resolves every name to these addresses. */
const resolving =
  (...addresses: string[]): Resolver =>
  (_hostname, _options, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );

const refusalOf = (url: string, allowsPrivate = false, resolver = resolving("8.8.8.8")) =>
  parseEndpointUrl(url, { allowsPrivate, resolver }).then(
    () => null,
    (error: Error) => error.message,
  );

test.each([
  "https://127.0.0.1/hook",
  "https://2130706433/hook",
  "https://0x7f000001/hook",
  "https://0x7f.1/hook",
  "https://0177.0.0.1/hook",
  "https://127.1/hook",
  "https://１２７.0.0.1/hook",
  "https://[::1]/hook",
  "https://[::ffff:127.0.0.1]/hook",
  "https://[::ffff:7f00:1]/hook",
  "https://10.1.2.3:8443/hook",
  "https://192.168.0.10/hook",
  "https://172.20.0.2/hook",
  "https://100.64.9.9/hook",
  "https://[fd12:3456::1]/hook",
])(
  "an endpoint at the private address %s is refused without --allow-private, and accepted with it",
  async (url) => {
    expect(await refusalOf(url)).toBe(
      "The URL leads to a private address, which was not allowed for it. If the endpoint is in your own network, add --allow-private.",
    );
    expect(await refusalOf(url, true)).toBeNull();
  },
);

test.each([
  "https://169.254.169.254/latest/meta-data",
  "https://2852039166/latest/meta-data",
  "https://[::ffff:169.254.169.254]/",
  "https://[fe80::1]/",
  "https://100.100.100.200/",
  "https://0/",
])("an endpoint at %s is refused even with --allow-private", async (url) => {
  const reason =
    "The URL leads to a link-local, metadata, multicast or reserved address. Use another URL.";
  expect(await refusalOf(url)).toBe(reason);
  expect(await refusalOf(url, true)).toBe(reason);
});

test("an endpoint with a host name is refused if any address of the name is refused, and accepted while the name does not resolve", async () => {
  const url = "https://hooks.example.com/";
  expect(await refusalOf(url)).toBeNull();
  expect(await refusalOf(url, false, resolving("8.8.8.8", "127.0.0.1"))).toContain("private");
  expect(await refusalOf(url, true, resolving("8.8.8.8", "169.254.169.254"))).toContain("metadata");
  const unknown: Resolver = (_name, _options, callback) =>
    callback(Object.assign(new Error("not found"), { code: "ENOTFOUND" }), []);
  expect(await refusalOf(url, false, unknown)).toBeNull();
  // This call uses the resolver of the operating system.
  const local = parseEndpointUrl("https://localhost/hook", { allowsPrivate: false });
  await expect(local).rejects.toThrow("leads to a private address");
});

test.each([
  ["example.com/hook", "The URL is not valid"],
  ["https://", "The URL is not valid"],
  [`https://example.com/${"x".repeat(2_000)}`, "The URL is not valid"],
  ["ftp://example.com/", "must begin with https://"],
  ["file:///etc/passwd", "must begin with https://"],
  ["https://ada:secret@example.com/", "must not contain a user name"],
  ["https://ada@example.com/", "must not contain a user name"],
  ["http://example.com/", "Only an endpoint in your own network may use http://"],
])("the endpoint URL %s is refused: %s", async (url, expected) => {
  const message = await refusalOf(url);
  expect(message).toContain(expected);
  expect(message).not.toContain("ada");
});

test("an http:// endpoint is accepted at a private address, and refused at a public one", async () => {
  expect(await refusalOf("http://10.0.0.5/hook", true)).toBeNull();
  expect(await refusalOf("http://8.8.8.8/hook", true)).toContain("a public address over http:");
  expect(await refusalOf("http://hooks.example.com/hook", true)).toContain("over http:");
});

test("guardedLookup returns one address or all addresses, as the options of Node require", async () => {
  const lookup = guardedLookup(
    { protocol: "https:", allowsPrivate: false },
    resolving("8.8.8.8", "8.8.4.4"),
  );
  const answers: unknown[] = [];
  lookup("example.com", { all: true }, (...answer) => answers.push(answer));
  lookup("example.com", {}, (...answer) => answers.push(answer));
  expect(answers).toEqual([
    [
      null,
      [
        { address: "8.8.8.8", family: 4 },
        { address: "8.8.4.4", family: 4 },
      ],
    ],
    [null, "8.8.8.8", 4],
  ]);
  expect(hostOf(new URL("https://[::1]:8443/"))).toBe("::1");
});
