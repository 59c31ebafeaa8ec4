/**
 * Explains a failed connection or statement: what is wrong, and what to do. The only place that maps an error of Postgres,
 * PgBouncer, the driver or the network to a cause.
 *
 * An error that matches no rule is reported as `unknown`. The texts contain the server's own message, but never a password or
 * a connection URL.
 */

export type DatabaseFaultKind =
  | "too-many-connections"
  | "pool-exhausted"
  | "pooler-queue"
  | "pooler-login"
  | "login-refused"
  | "no-database"
  | "starting"
  | "read-only"
  | "disk-full"
  | "tls"
  | "timeout"
  | "unreachable"
  | "schema"
  | "rights"
  | "unknown";

export type DatabaseFault = {
  kind: DatabaseFaultKind;
  /** One sentence that says what is wrong and quotes the message of the server or the driver. */
  sentence: string;
  remedy: string;
  /** The first line of the error's message; null if the message may quote data of a row. */
  message: string | null;
};

type Cause = { code: string; message: string };

type Rule = {
  kind: Exclude<DatabaseFaultKind, "unknown">;
  /**
   * SQLSTATEs, error codes of Node, or error kinds of Prisma's driver adapters. A trailing `*` matches any code with that prefix.
   */
  codes: string[];
  /**
   * Recognizes errors by their message if the code does not identify the cause: PgBouncer uses 08P01 for every error, and the
   * driver sets no code.
   */
  message: RegExp | null;
  /** Completes the sentence "The database …". */
  says: string;
  remedy: string;
};

/** The first rule that matches applies. PgBouncer's messages are copied from its source, versions 1.18 to 1.24. */
const rules: Rule[] = [
  {
    kind: "too-many-connections",
    codes: ["53300", "TooManyConnections"],
    message: /no more connections allowed|too many (clients|connections)|connection slots are/i,
    says: "accepts no more connections",
    remedy:
      "Processes times `DATABASE_POOL_SIZE`, and four to seven more for each worker, must stay below the server’s `max_connections` (or the pooler’s `max_client_conn`). Lower the one or raise the other.",
  },
  {
    kind: "pool-exhausted",
    codes: [],
    message:
      /^timeout exceeded when trying to connect|Unable to start a transaction in the given time/,
    says: "was not asked: all connections of this process’s pool stayed in use",
    remedy: "Raise `DATABASE_POOL_SIZE`, or find the slow statements that hold the connections.",
  },
  {
    kind: "pooler-queue",
    codes: [],
    message: /query_wait_timeout/,
    says: "was not reached: the pooler had no free server connection in time",
    remedy:
      "Raise the pooler’s `default_pool_size`, or find the slow statements that hold its connections.",
  },
  {
    kind: "pooler-login",
    codes: [],
    message:
      /server login (has been |)fail|server_login_retry|server down|cannot connect to server|server conn crashed/i,
    says: "was not reached: the pooler cannot log in to the server",
    remedy:
      "Check that the server runs, and the pooler’s host, user and password. Its log has the reason.",
  },
  {
    kind: "login-refused",
    codes: ["28P01", "28000", "AuthenticationFailed", "DatabaseAccessDenied"],
    message: /\bSASL\b|no such user|password authentication|auth(entication)? failed|no pg_hba/i,
    says: "refuses the login",
    remedy: "Correct the user and password in `DATABASE_URL`, or the server’s `pg_hba.conf`.",
  },
  {
    kind: "no-database",
    codes: ["3D000", "DatabaseDoesNotExist"],
    message: /no such database|database "[^"]*" (does not exist|is disabled)/i,
    says: "does not exist on this server",
    remedy: "Create it, or correct the name at the end of `DATABASE_URL`.",
  },
  {
    kind: "starting",
    codes: ["57P01", "57P02", "57P03", "57P05"],
    message: /server shutting down|terminating connection/i,
    says: "is starting or shutting down",
    remedy: "Wait for it. If it stays so, read the server’s log.",
  },
  {
    kind: "read-only",
    codes: ["25006"],
    message: null,
    says: "is read-only",
    remedy:
      "Point `DATABASE_URL` to the primary, or switch `default_transaction_read_only` off. A server that is nearly out of disk may have switched it on.",
  },
  {
    kind: "disk-full",
    codes: ["53100", "53200", "53400"],
    message: null,
    says: "is out of disk space, memory or another resource",
    remedy: "Free or add what the message names.",
  },
  {
    kind: "tls",
    codes: [
      "TlsConnectionError",
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "SELF_SIGNED_CERT_IN_CHAIN",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      "UNABLE_TO_GET_ISSUER_CERT",
      "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
      "CERT_HAS_EXPIRED",
      "ERR_TLS_CERT_ALTNAME_INVALID",
    ],
    message: /does not support SSL|SSL routines|wrong version number|\bTLS\b/,
    says: "cannot be reached with the requested encryption",
    remedy: "Correct `sslmode` and `sslrootcert` in `DATABASE_URL`.",
  },
  {
    kind: "timeout",
    codes: ["57014", "SocketTimeout"],
    message: /^Query read timeout|due to connection timeout|statement timeout/,
    says: "did not answer in time",
    remedy: "Look for locks and slow statements in `pg_stat_activity`, and at the server’s load.",
  },
  {
    kind: "unreachable",
    codes: [
      "ECONNREFUSED",
      "ECONNRESET",
      "ECONNABORTED",
      "EPIPE",
      "ETIMEDOUT",
      "EHOSTUNREACH",
      "ENETUNREACH",
      "ENETDOWN",
      "ENOTFOUND",
      "EAI_AGAIN",
      "EAI_FAIL",
      "ENOENT",
      "08*",
      "DatabaseNotReachable",
      "ConnectionClosed",
    ],
    message: /^Connection terminated|^connection closed/i,
    says: "cannot be reached",
    remedy:
      "Start it, or correct the host and port in `DATABASE_URL`. Between hosts, check the firewall.",
  },
  {
    kind: "schema",
    codes: ["42P01", "42703", "42883", "3F000", "TableDoesNotExist", "ColumnNotFound"],
    message: null,
    says: "does not have the schema of this version",
    remedy: "Run `npm run db:migrate`.",
  },
  {
    kind: "rights",
    codes: ["42501"],
    message: null,
    says: "denies its role a right",
    remedy: "Run `npm run db:migrate`: it prints the SQL that grants what is missing.",
  },
];

/** SQLSTATE classes whose messages quote data: invalid values, constraints, triggers. */
const QUOTES_DATA = /^(22|23|44|P0)/;

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
const textOf = (value: object, name: string) => {
  const text: unknown = Reflect.get(value, name);
  return typeof text === "string" ? text : "";
};

/**
 * Returns an error and its causes, outermost first. Of the errors inside an AggregateError, includes only the first. Stops at a
 * failed `fetch`, which is no error of the database.
 */
function chainOf(error: unknown, depth = 0): object[] {
  if (!isObject(error) || depth > 6 || textOf(error, "message") === "fetch failed") return [];
  const meta: unknown = Reflect.get(error, "meta");
  const inner = [
    Reflect.get(error, "cause"),
    isObject(meta) ? Reflect.get(meta, "driverAdapterError") : undefined,
    ...(error instanceof AggregateError ? error.errors.slice(0, 1) : []),
  ];
  return [error, ...inner.flatMap((each) => chainOf(each, depth + 1))];
}

/** System calls of a network connection. `ENOENT` from any other system call is a missing file, not a missing database. */
const NETWORK_CALLS = new Set(["", "connect", "getaddrinfo", "read", "write"]);

function causeOf(error: object): Cause {
  const code = NETWORK_CALLS.has(textOf(error, "syscall"))
    ? textOf(error, "originalCode") || textOf(error, "code") || textOf(error, "kind")
    : "";
  const message = textOf(error, "originalMessage") || textOf(error, "message");
  return { code, message: firstLine(message) };
}

/**
 * Returns the first line of a message; for a Prisma error the last line, because Prisma prints the calling code before the cause.
 */
function firstLine(text: string): string {
  const lines = text.trim().split("\n");
  return (/^Invalid `.*invocation/.test(text.trim()) ? lines.at(-1) : lines[0]) ?? "";
}

function ruleOf({ code, message }: Cause): Rule | undefined {
  const byMessage = rules.find((rule) => rule.message?.test(message));
  // Errors of a pooler (08P01), the driver (no code) and Prisma (P and four digits) are told apart by their message alone.
  if (byMessage && /^($|08|P\d{4}$)/.test(code)) return byMessage;
  return rules.find(({ codes }) =>
    codes.some((each) => (each.endsWith("*") ? code.startsWith(each.slice(0, -1)) : each === code)),
  );
}

/** Removes the credentials from connection URLs, and the value from `password=…`. */
function withoutSecrets(text: string): string {
  return text
    .replaceAll(/\b\w+:\/\/\S*@/g, "…@")
    .replaceAll(/(password|pwd)\s*=\s*('[^']*'|"[^"]*"|\S+)/gi, "$1=…");
}

function quotable({ code, message }: Cause): string | null {
  return message === "" || QUOTES_DATA.test(code)
    ? null
    : withoutSecrets(message).replace(/\.$/, "").slice(0, 300);
}

/** Explains an error that is known to come from a database. `label` names the database in the text. */
export function explainDatabaseError(error: unknown, label = ""): DatabaseFault {
  const subject = label ? `The database ${label}` : "The database";
  const causes = chainOf(error).map(causeOf);
  const found = causes.map((cause) => ({ cause, rule: ruleOf(cause) })).find(({ rule }) => rule);
  if (found?.rule) {
    const { kind, says, remedy } = found.rule;
    const message = quotable(found.cause);
    // Without a message, gives no reason: an error kind of Prisma, such as DatabaseNotReachable, would add nothing to the rule's
    // own text.
    const reason = message ? `: ${message}` : "";
    return { kind, sentence: `${subject} ${says}${reason}.`, remedy, message };
  }
  // Uses the innermost error that has a message: an AggregateError, for example, has none of its own.
  const innermost = causes.findLast(({ message }) => message !== "") ?? {
    code: "",
    message: error instanceof Error ? error.name : firstLine(String(error)),
  };
  const message = quotable(innermost);
  const reason = message ?? `SQLSTATE ${innermost.code}`;
  return {
    kind: "unknown",
    sentence: `${subject} failed, and the cause is unknown: ${reason}.`,
    remedy: "The server’s log may say more.",
    message,
  };
}

/** Like {@link explainDatabaseError}, but returns null for an error that matches no rule: it may not come from a database. */
export function findDatabaseFault(error: unknown, label = ""): DatabaseFault | null {
  const fault = explainDatabaseError(error, label);
  return fault.kind === "unknown" ? null : fault;
}

/** Kinds for which a retry is useless. An unknown cause counts as one of them. */
const PERMANENT = new Set<DatabaseFaultKind>(["schema", "rights", "unknown"]);

/** True if the error comes from the database's state, not from the statement, so that the same call may succeed later. */
export function isDatabaseUnavailable(error: unknown): boolean {
  return !PERMANENT.has(explainDatabaseError(error).kind);
}
