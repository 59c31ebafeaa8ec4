/**
 * The only parser of `DATABASE_URL` and `DIRECT_DATABASE_URL`, for the app and every command. Accepts libpq's forms for one
 * host (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING) and Prisma's own parameters
 * (https://www.prisma.io/docs/orm/overview/databases/postgresql#arguments). An unknown parameter is refused by name, because
 * silently ignoring a setting is worse than an error. Messages never contain the URL.
 */
import { accessSync, constants } from "node:fs";

/** The parsed URL: what is needed to connect. Times are in milliseconds. */
export type DatabaseTarget = {
  /** The URL for node-postgres, without the parameters that are parsed here. */
  connectionString: string;
  /** The schema of the tables; if undefined, the role's own `search_path` applies. */
  schema: string | undefined;
  /** `connection_limit`: the maximum number of connections of one process's pool. */
  poolSize: number | undefined;
  /** `pool_timeout`: how long a query waits for a free connection. */
  poolTimeoutMs: number | undefined;
  /** `connect_timeout`: how long a new connection may take. */
  connectTimeoutMs: number | undefined;
  /**
   * True for `sslmode=prefer`: encrypt if the server supports it. The URL for node-postgres then has `sslmode=disable`, and
   * `tlsConfig` of `preferred-tls.ts` sets up the encryption.
   */
  prefersTls: boolean;
  /**
   * True for `pgbouncer=true`: the URL leads to a pooler that may give each transaction a different session. Undefined if the URL
   * does not say; `db.ts` then detects a pooler itself.
   */
  isPooled: boolean | undefined;
  /** The text that may be printed for the URL: database and host, never user or password. */
  label: string;
};

/** An invalid database URL; `message` completes the sentence "DATABASE_URL …". */
export class DatabaseUrlError extends Error {
  override name = "DatabaseUrlError";
}

const FORM = "is not a Postgres URL (postgresql://user:password@host:5432/database)";

/** Parameters that stay in the URL, because node-postgres reads them itself. */
const PASSED_ON = new Set([
  "application_name",
  "channel_binding",
  "client_encoding",
  "fallback_application_name",
  "host",
  "keepalives",
  "options",
  "password",
  "port",
  "sslcert",
  "sslkey",
  "sslmode",
  "sslnegotiation",
  "sslrootcert",
  "uselibpqcompat",
  "user",
]);

/**
 * Parameters that are ignored, because refusing them would break URLs that work with other clients. Most are hints for Prisma,
 * for other clients or for libpq's network code. Hosting providers (Vercel and Supabase) append the last two.
 */
const WITHOUT_MEANING = new Set([
  "statement_cache_size",
  "socket_timeout",
  "max_idle_connection_lifetime",
  "max_connection_lifetime",
  "target_session_attrs",
  "load_balance_hosts",
  "prepared_statements",
  "keepalives_idle",
  "keepalives_interval",
  "keepalives_count",
  "tcp_user_timeout",
  "sslcompression",
  "sslsni",
  "supa",
  "workaround",
]);

/**
 * For each `sslmode`, the value that node-postgres gets. `allow` prefers no encryption; `no-verify` is node-postgres's own value.
 */
const TLS_MODES = new Map([
  ["disable", "disable"],
  ["allow", "disable"],
  ["prefer", "prefer"],
  ["require", "require"],
  ["no-verify", "require"],
  ["verify-ca", "verify-ca"],
  ["verify-full", "verify-full"],
]);

const TLS_FILES = ["sslcert", "sslkey", "sslrootcert"];

/**
 * Sets the TLS parameters that the URL lacks from libpq's variables, as psql does. node-postgres reads only PGSSLMODE, and takes
 * `prefer` for `verify-full`. A local socket has no TLS.
 */
function setShellDefaults(url: URL): void {
  const { PGSSLMODE, PGSSLROOTCERT, PGSSLCERT, PGSSLKEY } = process.env;
  const host = url.searchParams.get("host") ?? decodeURIComponent(url.hostname);
  if (host.startsWith("/")) return;
  const hasMode = ["sslmode", "ssl", "sslaccept"].some((name) => url.searchParams.has(name));
  if (!hasMode && !PGSSLMODE) return;
  if (!hasMode && !TLS_MODES.has(PGSSLMODE?.toLowerCase() ?? "")) {
    throw new DatabaseUrlError(
      `has no sslmode, and PGSSLMODE is none of ${[...TLS_MODES.keys()].join(", ")}`,
    );
  }
  const defaults = {
    ...(!hasMode && { sslmode: PGSSLMODE }),
    sslrootcert: PGSSLROOTCERT,
    sslcert: PGSSLCERT,
    sslkey: PGSSLKEY,
  };
  for (const [name, value] of Object.entries(defaults)) {
    if (value && !url.searchParams.has(name)) url.searchParams.set(name, value);
  }
}

function requireReadable(url: URL, name: string): void {
  const path = url.searchParams.get(name);
  if (path === null) return;
  try {
    accessSync(path, constants.R_OK);
  } catch {
    throw new DatabaseUrlError(`has ${name} that is not a file which can be read`);
  }
}

/**
 * Returns the TLS mode that `sslmode` or `ssl` gives. Prisma's `sslaccept=strict` raises a missing mode, `prefer` and `require`
 * to `verify-full`. Without `sslaccept=strict`, Prisma accepts any certificate.
 */
function modeOf(url: URL): string | undefined {
  const given = take(url, "sslmode")?.toLowerCase();
  const isOn = takeFlag(url, "ssl");
  const accept = take(url, "sslaccept");
  if (accept !== undefined && accept !== "strict" && accept !== "accept_invalid_certs") {
    throw new DatabaseUrlError("has sslaccept that is neither strict nor accept_invalid_certs");
  }
  const wanted = given ?? (isOn === undefined ? undefined : isOn ? "require" : "disable");
  return accept === "strict" && /^(prefer|require)?$/.test(wanted ?? "") ? "verify-full" : wanted;
}

/**
 * Sets the TLS parameters of the URL to values that node-postgres knows: for any other `sslmode`, node-postgres would verify the
 * certificate.
 */
function setTls(url: URL): { prefersTls: boolean } {
  const wanted = modeOf(url);
  // In libpq, `sslrootcert=system` selects the certificates of the operating system. The parameter is removed, because Node
  // trusts its own list of authorities anyway.
  const isSystem = url.searchParams.get("sslrootcert") === "system";
  if (isSystem || wanted === "no-verify") url.searchParams.delete("sslrootcert");
  const mode = isSystem ? "verify-full" : wanted && TLS_MODES.get(wanted);
  if (wanted !== undefined && mode === undefined) {
    throw new DatabaseUrlError(`has sslmode that is none of ${[...TLS_MODES.keys()].join(", ")}`);
  }
  if (mode === "verify-ca" && !url.searchParams.has("sslrootcert")) {
    throw new DatabaseUrlError(
      "has sslmode=verify-ca without sslrootcert: add the file, or use verify-full",
    );
  }
  for (const name of TLS_FILES) requireReadable(url, name);
  const hasFiles = TLS_FILES.some((name) => url.searchParams.has(name));
  if (mode === undefined) return { prefersTls: false };
  // A URL that names certificate files asks for TLS, so `prefer` does not fall back to an unencrypted connection.
  const prefersTls = mode === "prefer" && !hasFiles;
  url.searchParams.set("sslmode", prefersTls ? "disable" : mode);
  // With `uselibpqcompat`, `sslmode=require` encrypts without verifying the certificate, as in libpq.
  url.searchParams.set("uselibpqcompat", "true");
  return { prefersTls };
}

/**
 * Converts libpq's `keyword=value` form, such as `host=/run/postgresql dbname=app`, to a URL. Values may be in single quotes.
 * Returns null for a text in another form.
 */
function fromKeywords(text: string): string | null {
  const pairs = [...text.matchAll(/\s*(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|\S*)/gy)];
  const read = pairs.reduce((length, [all]) => length + all.length, 0);
  if (pairs.length === 0 || text.slice(read).trim() !== "") return null;
  const given = new Map(
    pairs.map(([, key = "", value = ""]) => [
      key,
      (value.startsWith("'") ? value.slice(1, -1) : value).replaceAll(/\\(.)/g, "$1"),
    ]),
  );
  const url = new URL(`postgresql:///${encodeURIComponent(given.get("dbname") ?? "")}`);
  given.delete("dbname");
  for (const [key, value] of given) url.searchParams.set(key, value);
  return url.href;
}

/** Percent-encodes reserved characters in the user and the password, which are often pasted unencoded. */
function encodeCredentials(text: string): string {
  const [, scheme, rest = ""] = /^(postgres(?:ql)?:\/\/)(.*)$/is.exec(text) ?? [];
  if (scheme === undefined) throw new DatabaseUrlError(FORM);
  const credentials = /^(.*)@([^@]*)$/s.exec(rest);
  if (!credentials) return text;
  const [, userInfo = "", address = ""] = credentials;
  // An "@" after the path belongs to a parameter, not to the credentials.
  if (/^[^@]*\/[^@:]*\?/.test(userInfo)) return text;
  const colon = userInfo.indexOf(":");
  const user = colon < 0 ? userInfo : userInfo.slice(0, colon);
  const encoded = [user, ...(colon < 0 ? [] : [userInfo.slice(colon + 1)])].map(encodeOnce);
  return `${scheme}${encoded.join(":")}@${address}`;
}

/** Escapes reserved characters, but not percent signs that already begin an escape. */
function encodeOnce(part: string): string {
  return part.replaceAll(/%(?![0-9a-f]{2})|[^\w.~!$&'()*+,;=%-]/gi, encodeURIComponent);
}

/** Removes text that is often pasted with a URL: quotes, a provider's `psql '…'`, and `DATABASE_URL=` from an env file. */
function withoutSurroundings(text: string): string {
  const assigned = text.trim().replace(/^(?:export\s+)?[A-Z_]+=(?=["']?postgres)/, "");
  const command = assigned.replace(/^psql\s+(?=["']?postgres)/, "");
  return command.replace(/^(["'])(.*)\1;?$/s, "$2").trim();
}

/**
 * @throws DatabaseUrlError for a Postgres scheme other than `postgres:` and `postgresql:`. SQLAlchemy puts the driver into the
 * scheme, such as `postgresql+psycopg2:`. Prisma's `prisma+postgres:` leads to Prisma's proxy.
 */
function requireScheme(text: string): void {
  const scheme = /^([\w+:.-]+):\/\//.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined || /^postgres(ql)?$/.test(scheme) || !scheme.includes("postgres"))
    return;
  throw new DatabaseUrlError(
    `has the scheme ${scheme}: write postgresql:// (and ?sslmode=require for TLS)`,
  );
}

function parseUrl(text: string): URL {
  requireScheme(text);
  const normal = /^postgres(ql)?:\/\//i.test(text) ? encodeCredentials(text) : fromKeywords(text);
  if (normal === null) throw new DatabaseUrlError(FORM);
  const [, authority = ""] = /^postgres(?:ql)?:\/\/(?:[^@/]*@)?([^/?]*)/i.exec(normal) ?? [];
  const parameters = /\?([^#]*)/.exec(normal)?.[1] ?? "";
  if (authority.includes(",") || new URLSearchParams(parameters).get("host")?.includes(",")) {
    throw new DatabaseUrlError(
      "names several hosts, which this client cannot try in turn: name one, or a proxy before them",
    );
  }
  // libpq accepts "postgresql://user@/db", which means the local socket. The URL class refuses it, so `localhost` is added.
  const complete =
    authority === "" ? normal.replace(/^(\w+:\/\/)([^/?]*@)/, "$1$2localhost") : normal;
  if (!URL.canParse(complete)) throw new DatabaseUrlError(FORM);
  return new URL(complete);
}

function takeNumber(url: URL, name: string, least: number): number | undefined {
  const value = take(url, name);
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!Number.isInteger(number) || number < least) {
    throw new DatabaseUrlError(`has ${name} that is not a whole number from ${least}`);
  }
  return number;
}

function take(url: URL, name: string): string | undefined {
  const value = url.searchParams.get(name);
  url.searchParams.delete(name);
  return value === null || value === "" ? undefined : value;
}

function takeFlag(url: URL, name: string): boolean | undefined {
  const value = take(url, name)?.toLowerCase();
  if (value === undefined) return undefined;
  if (!/^(true|false|1|0)$/.test(value)) {
    throw new DatabaseUrlError(`has ${name} that is neither true nor false`);
  }
  return value === "true" || value === "1";
}

function takeSchema(url: URL): string | undefined {
  const schema = take(url, "schema");
  // Postgres silently truncates names longer than 63 bytes.
  if (schema !== undefined && (Buffer.byteLength(schema) > 63 || /^pg_|\0/.test(schema))) {
    throw new DatabaseUrlError("has a schema that cannot be the name of one");
  }
  if (schema?.startsWith("rollcall_sql")) {
    throw new DatabaseUrlError(
      "has a schema that starts with rollcall_sql, which is reserved for the views of the SQL contract",
    );
  }
  if (schema?.startsWith("rollcall_archive")) {
    throw new DatabaseUrlError(
      "has a schema that starts with rollcall_archive, which is reserved for the archive of erased users",
    );
  }
  return schema;
}

/** @throws DatabaseUrlError if the URL is invalid or has an unknown parameter. */
export function parseDatabaseUrl(text: string): DatabaseTarget {
  const url = parseUrl(withoutSurroundings(text));
  const seconds = (value: number | undefined) => (value === undefined ? undefined : value * 1000);
  const target = {
    schema: takeSchema(url),
    poolSize: takeNumber(url, "connection_limit", 1),
    poolTimeoutMs: seconds(takeNumber(url, "pool_timeout", 0)),
    connectTimeoutMs: seconds(takeNumber(url, "connect_timeout", 0)),
    isPooled: takeFlag(url, "pgbouncer"),
  };
  for (const name of WITHOUT_MEANING) url.searchParams.delete(name);
  if (url.searchParams.get("gssencmode") !== "require") url.searchParams.delete("gssencmode");
  setShellDefaults(url);
  const { prefersTls } = setTls(url);
  const unknown = [...url.searchParams.keys()].filter((name) => !PASSED_ON.has(name));
  if (unknown.length > 0) {
    throw new DatabaseUrlError(`has a parameter that is not known here: ${unknown.join(", ")}`);
  }
  const host = url.searchParams.get("host") ?? decodeURIComponent(url.hostname);
  const port = url.searchParams.get("port") ?? url.port;
  // Without a database name, libpq and node-postgres connect to the database with the user's name.
  const user = url.searchParams.get("user") ?? decodeURIComponent(url.username);
  const database = decodeURIComponent(url.pathname.slice(1)) || user || "postgres";
  return {
    ...target,
    prefersTls,
    connectionString: url.href,
    label: `${database} on ${host || "localhost"}${host.startsWith("/") ? "" : `:${port || "5432"}`}`,
  };
}
