import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { type DatabaseFaultKind, explainDatabaseError, findDatabaseFault } from "./database-fault";

const failed = (message: string, properties: object = {}) =>
  Object.assign(new Error(message), properties);
const ofServer = (code: string, message: string) => failed(message, { code, severity: "FATAL" });
const ofPooler = (message: string) => ofServer("08P01", message);

const known: [DatabaseFaultKind, Error][] = [
  ["too-many-connections", ofServer("53300", "sorry, too many clients already")],
  ["too-many-connections", ofServer("53300", 'too many connections for role "app"')],
  ["too-many-connections", ofPooler("no more connections allowed (max_client_conn)")],
  ["pool-exhausted", failed("timeout exceeded when trying to connect")],
  ["pooler-queue", ofPooler("query_wait_timeout")],
  ["pooler-login", ofPooler("server login has been failing, try again later (server_login_retry)")],
  ["pooler-login", ofPooler("client_login_timeout (server down)")],
  ["pooler-login", ofPooler("server conn crashed?")],
  ["login-refused", ofServer("28P01", 'password authentication failed for user "app"')],
  ["login-refused", ofServer("28000", 'no pg_hba.conf entry for host "10.0.0.5", user "app"')],
  ["login-refused", ofPooler("SASL authentication failed")],
  ["login-refused", failed("SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string")],
  ["no-database", ofServer("3D000", 'database "app" does not exist')],
  ["no-database", ofPooler("no such database: app")],
  ["starting", ofServer("57P03", "the database system is starting up")],
  ["starting", ofServer("57P01", "terminating connection due to administrator command")],
  ["read-only", ofServer("25006", "cannot execute INSERT in a read-only transaction")],
  ["disk-full", ofServer("53100", "could not extend file: No space left on device")],
  ["tls", failed("The server does not support SSL connections")],
  ["tls", failed("self-signed certificate", { code: "DEPTH_ZERO_SELF_SIGNED_CERT" })],
  ["timeout", ofServer("57014", "canceling statement due to statement timeout")],
  ["timeout", failed("Query read timeout")],
  ["timeout", failed("Connection terminated due to connection timeout")],
  ["unreachable", failed("Connection terminated unexpectedly")],
  [
    "unreachable",
    failed("getaddrinfo ENOTFOUND db", { code: "ENOTFOUND", syscall: "getaddrinfo" }),
  ],
  [
    "unreachable",
    new AggregateError([failed("connect ECONNREFUSED ::1:5432", { code: "ECONNREFUSED" })]),
  ],
  ["schema", ofServer("42P01", 'relation "deliveries" does not exist')],
  ["rights", ofServer("42501", "permission denied for table users")],
];

test.each(known)("findDatabaseFault returns the kind %s for the error %o", (kind, error) => {
  const fault = findDatabaseFault(error);
  expect(fault?.kind).toBe(kind);
  expect(fault?.sentence).toMatch(/^The database .*: .*[^.]\.$/);
  expect(fault?.remedy).not.toBe("");
});

test(`"too many connections" is not reported as an unreachable database, and the explanation quotes the server's message`, () => {
  expect(explainDatabaseError(ofServer("53300", "sorry, too many clients already")).sentence).toBe(
    "The database accepts no more connections: sorry, too many clients already.",
  );
});

test("findDatabaseFault finds the driver's error inside a Prisma error", () => {
  const cause = { kind: "TooManyConnections", originalCode: "53300", originalMessage: "sorry" };
  const adapter = Object.assign(new Error("TooManyConnections"), { cause });
  const error = Object.assign(new Error("Invalid invocation"), {
    code: "P2037",
    meta: { driverAdapterError: adapter },
  });
  expect(findDatabaseFault(error)).toMatchObject({
    kind: "too-many-connections",
    message: "sorry",
  });
});

test("a refused connection is reported as an unreachable database, and a missing file as no database fault", async () => {
  const refused = await new Promise((resolve) => connect(1, "127.0.0.1").on("error", resolve));
  expect(findDatabaseFault(refused)).toMatchObject({ kind: "unreachable" });
  let missing: unknown;
  try {
    readFileSync("/nowhere/at-all");
  } catch (error) {
    missing = error;
  }
  expect(findDatabaseFault(missing)).toBeNull();
});

test("a failed request to Clerk is not reported as a database fault", () => {
  const cause = failed("connect ECONNREFUSED 127.0.0.1:443", { code: "ECONNREFUSED" });
  expect(findDatabaseFault(new TypeError("fetch failed", { cause }))).toBeNull();
});

test("an error that matches no rule is reported as unknown, with the first line of its cause", () => {
  const error = new Error("wrapped", { cause: ofServer("XX000", "cache lookup failed\nHINT: no") });
  expect(explainDatabaseError(error)).toMatchObject({
    kind: "unknown",
    sentence: "The database failed, and the cause is unknown: cache lookup failed.",
  });
  expect(findDatabaseFault(error)).toBeNull();
});

test("the explanation of a database error contains neither a password nor data of a row", () => {
  const texts = [
    failed("connect ENOENT postgresql://app:hunter2@db/app", { code: "ENOENT" }),
    failed("invalid connection option password=hunter2", { code: "08001" }),
    ofServer("22P02", 'invalid input syntax for type json: "hunter2"'),
    ofServer("23505", "Key (email)=(hunter2) already exists"),
  ].map((error) => JSON.stringify(explainDatabaseError(error)));
  for (const text of texts) expect(text).not.toContain("hunter2");
});
