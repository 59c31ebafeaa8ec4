/** Recognizes placeholders in environment variables, and repairs keys that were damaged by pasting. */

/**
 * Matches placeholders that examples use. A placeholder must be the whole value, or all of the value after a key's prefix such as
 * `sk_test_`. A match inside a value does not count, because a real secret may contain the text of a placeholder.
 */
const PLACEHOLDERS = [
  /^([x*._-]{3,}|…)$/i,
  // JSON, such as a JWK, is not matched: it is a value, although an invalid one.
  /^(<.*>|\[[^"]*\]|\{[^"]*\}|\$\{.*\}|%.*%)$/,
  /^(your|my|the)[-_ ].*$/i,
  /^(change|replace|fill)[-_ ]?(me|this|in)?([-_ ].*)?$/i,
  /^(todo|tbd|fixme|placeholder|example|undefined)$/i,
  /^(secret|api|example|publishable|jwt|signing)[-_ ]?key([-_ ]here)?$/i,
  /^signing[-_ ]?secret$/i,
];

const PREFIX = /^(?:pk|sk)_(?:test|live)_|^(?:whsec|ins|org)_/;

/** Hosts that documentation uses as examples. The password below is in the connection URL of Prisma's own template. */
const EXAMPLE_HOST = /^(host|hostname|your[-_.].*|<.*>|example\.(com|org|net))$/i;
const TEMPLATE_PASSWORD = "randompassword";

function isPlaceholderUrl({ hostname, password }: URL): boolean {
  const secret = decodeURIComponent(password);
  return (
    EXAMPLE_HOST.test(decodeURIComponent(hostname)) ||
    secret === TEMPLATE_PASSWORD ||
    matchesPlaceholder(secret)
  );
}

function matchesPlaceholder(value: string): boolean {
  return PLACEHOLDERS.some((form) => form.test(value));
}

/**
 * Tests the whole value, and of a URL the host and the password. Does not search inside them: a real secret may contain any word.
 */
export function isPlaceholder(value: string): boolean {
  if (/^\w+:\/\//.test(value) && URL.canParse(value)) return isPlaceholderUrl(new URL(value));
  return matchesPlaceholder(value) || matchesPlaceholder(value.replace(PREFIX, ""));
}

/** White space and invisible characters that come with copied text: byte order mark, zero-width space and joiners. */
const INVISIBLE = /^[\s\u200b-\u200d\u2060\ufeff]+|[\s\u200b-\u200d\u2060\ufeff]+$/g;

/** A value in straight quotes, or in the curly quotes that text editors and chat programs insert. */
const QUOTED = /^(?:"(.*)"|'(.*)'|“(.*)”|‘(.*)’)$/s;

function unquoted(text: string): string {
  const [, ...inside] = QUOTED.exec(text) ?? [];
  return inside.find((part) => part !== undefined) ?? text;
}

/**
 * Removes what surrounds a value by mistake: spaces, line breaks (real or written as `\n`), a semicolon, quotes (which `docker
 * --env-file` keeps), and the variable's own `NAME=` or `export NAME=`.
 */
export function withoutSurroundings(value: string, name?: string): string {
  const trim = (text: string) => text.replace(INVISIBLE, "").replace(/(?:\\[rn]|[;\s])+$/, "");
  const assigned = trim(value);
  const pasted = name
    ? assigned.replace(new RegExp(`^(?:export\\s+)?${name}\\s*=\\s*`), "")
    : assigned;
  return trim(unquoted(pasted));
}

/**
 * Matches the base64 of a DER key (SPKI) that names its algorithm at the start: length fields, then the object identifier of RSA.
 */
const RSA_ALGORITHM = /^.{4,12}ANBgkqhkiG9w0BAQEF/;

const ENCODED_BEGIN = Buffer.from("-----BEGIN ").toString("base64").slice(0, 14);

/**
 * Restores a PEM key that was damaged by pasting: in quotes, with `\n` instead of line breaks, on one line, indented, without its
 * first and last line, or as base64 of the whole. Returns any other value unchanged, which the key parser then refuses.
 */
export function repairPem(value: string): string {
  const unquoted = value.trim().replace(/^(["'])(.*)\1$/s, "$2");
  const text = unquoted.startsWith(ENCODED_BEGIN)
    ? Buffer.from(unquoted, "base64").toString("utf8")
    : unquoted;
  const lines = text.replaceAll(/(\\+r)?\\+n/g, "\n");
  const body = lines.replaceAll(/-----\s*(BEGIN|END) [A-Z ]+?\s*-----/g, "").replaceAll(/\s/g, "");
  if (!/^[A-Za-z0-9+/]{100,}={0,2}$/.test(body)) return value;
  // The format of a key without its first line is read from its content: SPKI ("PUBLIC KEY") names an algorithm, PKCS#1 does not.
  const format = RSA_ALGORITHM.test(body) ? "PUBLIC KEY" : "RSA PUBLIC KEY";
  const label = /-----\s*BEGIN ([A-Z ]+?)\s*-----/.exec(lines)?.[1] ?? format;
  const wrapped = body.match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...wrapped, `-----END ${label}-----`].join("\n");
}

/**
 * Splits a list of PEM keys. Between two keys there may be nothing, a comma, a semicolon or a bar. Decodes base64 and URL
 * encoding, repairs each key, and removes duplicates.
 */
export function repairPems(list: string): string[] {
  const withoutQuotes = (text: string) => text.replace(/^["'\s]+|["'\s]+$/g, "");
  const keys = withoutQuotes(list)
    .split(/[,;|]/)
    .map(withoutQuotes)
    .map((part) =>
      part.startsWith(ENCODED_BEGIN) ? Buffer.from(part, "base64").toString("utf8") : part,
    )
    .map((part) => (part.startsWith("-----BEGIN%20") ? decodeURIComponent(part) : part))
    .flatMap((part) => part.split(/(?=-----\s*BEGIN )/))
    .filter((part) => part.replaceAll(/\\+[rn]|["'\s]/g, "") !== "");
  return [...new Set(keys.map(repairPem))];
}
