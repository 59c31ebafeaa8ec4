import pg from "pg";
import { afterEach, describe, expect, test, vi } from "vitest";
import { DatabaseUrlError, parseDatabaseUrl } from "./database-url";

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Returns the settings that node-postgres reads from the connection string that we pass to it. */
function connectionOf(url: string) {
  const { host, port, user, password, database, ssl } = new pg.Client(
    parseDatabaseUrl(url).connectionString,
  );
  return { host, port, user, password, database, ssl };
}

describe("parseDatabaseUrl accepts every form of URL that Postgres accepts", () => {
  const usual = { host: "db.test", port: 5432, user: "app", password: "secret", database: "d" };
  test.each([
    ["postgresql://app:secret@db.test:5432/d", usual],
    ["postgres://app:secret@db.test/d", usual],
    ["  POSTGRESQL://app:secret@db.test/d\n", usual],
    ["host=db.test port=5432 user=app password=secret dbname=d", usual],
    ["host='db.test' user='app' password='it\\'s' dbname='d'", { ...usual, password: "it's" }],
    ["postgresql://app:p%40ss%2Fword@db.test/d", { ...usual, password: "p@ss/word" }],
    ["postgresql://app:p@ss@db.test/d", { ...usual, password: "p@ss" }],
    ["postgresql://app:a#b?c/d%e@db.test/d", { ...usual, password: "a#b?c/d%e" }],
    ["postgresql://app:se:cret@db.test/d", { ...usual, password: "se:cret" }],
    ["postgresql://app:secret@[::1]:6432/d", { ...usual, host: "::1", port: 6432 }],
    ["postgresql://app:secret@/d?host=/run/postgresql", { ...usual, host: "/run/postgresql" }],
    [
      "postgresql:///d?host=/run/pg&port=5433&user=app",
      { host: "/run/pg", port: 5433, user: "app" },
    ],
    ["postgresql://app:secret@db.test/with%20space", { ...usual, database: "with space" }],
  ])("the database URL %s is accepted", (url, expected) => {
    expect(connectionOf(url)).toMatchObject(expected);
  });

  test.each([
    ['"postgresql://app:secret@db.test/d"'],
    ["'postgresql://app:secret@db.test/d'\r\n"],
    ["psql 'postgresql://app:secret@db.test/d'"],
    ["DATABASE_URL=postgresql://app:secret@db.test/d"],
    ['export DATABASE_URL="postgresql://app:secret@db.test/d"'],
    ["postgresql://app:secret@db.test/d?supa=base-pooler.x&workaround=supabase-pooler.vercel"],
    ["postgresql://app:secret@db.test/d?keepalives_idle=30&gssencmode=disable&sslsni=1"],
  ])(
    "parseDatabaseUrl ignores surrounding text and parameters that are often pasted with a database URL: %s",
    (url) => {
      expect(connectionOf(url)).toMatchObject(usual);
    },
  );

  test.each([
    ["sslmode=no-verify", { rejectUnauthorized: false }],
    ["sslmode=REQUIRE", { rejectUnauthorized: false }],
    ["ssl=true", { rejectUnauthorized: false }],
    ["sslaccept=accept_invalid_certs&sslmode=require", { rejectUnauthorized: false }],
    ["sslaccept=strict&sslmode=require", {}],
    ["sslrootcert=system", {}],
    ["sslmode=verify-full", {}],
    ["sslmode=disable", false],
    ["sslmode=allow", false],
    ["ssl=false", false],
  ])(
    "the URL parameter %s of libpq, Prisma or node-postgres becomes the equivalent TLS setting of node-postgres",
    (setting, expected) => {
      const { ssl } = connectionOf(`postgresql://a@db.test/d?${setting}`);
      // The copy leaves out `ssl.key`, which is not enumerable. Without `rejectUnauthorized: false`, node-postgres verifies the
      // certificate.
      expect(ssl === false ? false : { ...Object(ssl) }).toEqual(expected);
    },
  );

  test("sslmode=require encrypts without verifying the certificate, as in libpq", () => {
    const { ssl } = connectionOf("postgresql://a@db.test/d?sslmode=require");
    expect(ssl).toMatchObject({ rejectUnauthorized: false });
  });
});

test.each([
  ["disable", "", false],
  ["allow", "", false],
  ["prefer", "", false],
  ["require", "", { rejectUnauthorized: false }],
  ["verify-full", "", {}],
  ["require", "?sslmode=disable", false],
  ["require", "?ssl=false", false],
  ["require", "?host=/run/postgresql", false],
  ["disable", "?sslmode=require", { rejectUnauthorized: false }],
])(
  "PGSSLMODE=%s with the URL parameters '%s' means what it means to psql",
  (mode, parameters, expected) => {
    vi.stubEnv("PGSSLMODE", mode);
    const url = `postgresql://a@db.test/d${parameters}`;
    const { ssl } = connectionOf(url);
    const isLocal = parameters.includes("host=");
    if (!isLocal) expect(ssl === false ? false : { ...Object(ssl) }).toEqual(expected);
    expect(parseDatabaseUrl(url).prefersTls).toBe(mode === "prefer");
  },
);

test("parseDatabaseUrl reads Prisma's URL parameters for schema, pool size, timeouts and pgbouncer", () => {
  const url =
    "postgresql://a:b@h/d?schema=rollcall&connection_limit=3&pool_timeout=7&connect_timeout=2&pgbouncer=true&statement_cache_size=0";
  expect(parseDatabaseUrl(url)).toMatchObject({
    schema: "rollcall",
    poolSize: 3,
    poolTimeoutMs: 7_000,
    connectTimeoutMs: 2_000,
    isPooled: true,
    connectionString: "postgresql://a:b@h/d",
  });
});

test.each([
  ["mysql://a:b@h/d", /is not a Postgres URL/],
  ["", /is not a Postgres URL/],
  ["postgresql://a:b@h:99999/d", /is not a Postgres URL/],
  ["host=h dbname", /is not a Postgres URL/],
  ["postgresql://a:b@h1,h2/d", /several hosts/],
  ["postgresql://a:b@h/d?conection_limit=3", /not known here: conection_limit/],
  ["postgresql://a:b@h/d?connection_limit=many", /connection_limit that is not a whole number/],
  ["postgresql://a:b@h/d?connection_limit=0", /whole number from 1/],
  ["postgresql://a:b@h/d?pgbouncer=yes", /pgbouncer that is neither true nor false/],
  ["postgresql://a:b@h/d?sslmode=requre", /sslmode that is none of disable, allow, prefer/],
  ["postgresql://a:b@h/d?sslmode=verify-ca", /sslmode=verify-ca without sslrootcert/],
  ["postgresql://a:b@h/d?sslrootcert=/no/such.pem", /sslrootcert that is not a file/],
  ["postgresql://a:b@h/d?sslaccept=yes", /sslaccept that is neither/],
  ["postgresql://a:b@h/d?gssencmode=require", /not known here: gssencmode/],
  ["postgresql://a:b@h/d?require_auth=scram-sha-256", /not known here: require_auth/],
  ["postgresql://a:b@h/d?host=h1,h2", /several hosts/],
  ["postgresql+asyncpg://a:b@h/d", /scheme postgresql\+asyncpg: write postgresql:/],
  ["jdbc:postgresql://h/d", /scheme jdbc:postgresql: write/],
  ["postgresql://a:b@h/d?schema=pg_catalog", /schema that cannot be/],
  ["postgresql://a:b@h/d?schema=rollcall_sql_app", /reserved for the views of the SQL contract/],
  ["postgresql://a:b@h/d?schema=rollcall_archive", /reserved for the archive of erased users/],
])("the database URL %s is refused with the reason", (url, message) => {
  expect(() => parseDatabaseUrl(url)).toThrow(DatabaseUrlError);
  expect(() => parseDatabaseUrl(url)).toThrow(message);
});

test("error messages and labels of a database URL never contain the user or the password", () => {
  const messageOf = (url: string) => {
    try {
      return parseDatabaseUrl(url).label;
    } catch (error) {
      return String(error);
    }
  };
  for (const url of [
    "postgresql://who:hunter2@h/d",
    "postgresql://who:hunter2@h:99999/d",
    "postgresql://who:hunter2@h/d?nonsense=1",
    "host=h user=who password=hunter2 dbname",
  ]) {
    expect(messageOf(url)).not.toMatch(/hunter2|who/);
  }
});
