/**
 * The only reader of process.env. Parses it once, and throws if a value is missing, malformed or a placeholder. The message
 * names the variable and the remedy, never the value.
 */
import { createPublicKey } from "node:crypto";
import { z } from "zod";
import { DatabaseUrlError, parseDatabaseUrl } from "./database-url";
import { isPlaceholder, repairPems, withoutSurroundings } from "./env-values";
import { UserError } from "./errors";

const given = z
  .string({ error: "is not set" })
  .trim()
  .refine((value) => value !== "", { error: "is empty", abort: true })
  .refine((value) => !isPlaceholder(value), { error: "is still a placeholder", abort: true });

/** Decodes the Frontend API host from a publishable key, which is a prefix and the unpadded base64 of "<Frontend API host>$". */
function frontendApiHost(publishableKey: string): string | null {
  const encoded = /^pk_(?:test|live)_([A-Za-z0-9+/_=-]+)$/.exec(publishableKey)?.[1];
  const decoded = encoded && Buffer.from(encoded, "base64").toString("utf8");
  return decoded && /^[a-z0-9-]+(\.[a-z0-9-]+)+(:\d+)?\$$/i.test(decoded)
    ? decoded.slice(0, -1)
    : null;
}

function isPublicKey(pem: string): boolean {
  try {
    return createPublicKey(pem).asymmetricKeyType === "rsa";
  } catch {
    return false;
  }
}

function isHttpUrl(value: string): boolean {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}

const httpUrl = given.refine(isHttpUrl, { error: "is not an http(s) URL" });

const SIGNING_SECRET = /^(whsec_[A-Za-z0-9+/]{16,}|[A-Za-z0-9+/]{32,})={0,2}$/;

const databaseUrl = given.superRefine((url, context) => {
  try {
    parseDatabaseUrl(url);
  } catch (error) {
    if (!(error instanceof DatabaseUrlError)) throw error;
    context.addIssue({ code: "custom", message: error.message });
  }
});

/** Treats an empty optional variable as absent, because env files contain lines like `NAME=`. */
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === "" ? undefined : value), schema.optional());

/** Returns the schema of a value that must equal an element of `words`, in upper or lower case. */
const word = <const Words extends readonly string[]>(words: Words, error: string) =>
  z.string().toLowerCase().pipe(z.enum(words, { error }));

const flag = word(["true", "false"], "is neither true nor false");

const otlpProtocol = word(
  ["http/protobuf", "http/json"],
  "is neither http/protobuf nor http/json (gRPC is not supported)",
);

/** Strict enough that an address cannot end an SMTP command or a header. */
const isAddress = (value: string) => /^[^\s<>,;:"@]{1,64}@[\w.-]{1,253}$/.test(value);

const port = given.refine(
  (value) => /^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65_535,
  { error: "is not a port number" },
);

const wholeNumber = (most: number, error: string) =>
  given
    .refine((value) => /^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= most, {
      error,
    })
    .transform(Number);

/** The default number of years for which purchases of erased users are kept. */
const PURCHASE_YEARS = 3;

/**
 * A key that encrypts the keys of the archive's entries. `id` is stored with each key that it encrypted, so that an operator can
 * rotate ARCHIVE_KEY.
 */
export type ArchiveKey = { id: string; key: Buffer };

const ARCHIVE_KEY = /^([A-Za-z0-9._-]{1,40}):([A-Za-z0-9+/]{43}=)$/;

const archiveKeys = given
  .transform((list) => list.split(/[\s,]+/).filter(Boolean))
  .refine(
    (list) =>
      list.length > 0 &&
      list.every((each) => ARCHIVE_KEY.test(each)) &&
      new Set(list.map((each) => each.split(":")[0])).size === list.length,
    {
      error:
        "is not id:key with the base64 of 32 bytes (openssl rand -base64 32), or a list of them with different ids",
    },
  )
  .transform((list) =>
    list.map((each): ArchiveKey => {
      const [, id = "", key = ""] = ARCHIVE_KEY.exec(each) ?? [];
      return { id, key: Buffer.from(key, "base64") };
    }),
  );

/** The maximum number of days: a century, because Postgres cannot subtract an arbitrary number of days from a time. */
const MOST_DAYS = 36_500;

/** The maximum of SHUTDOWN_DELAY. With it, open requests still have 10 s until Kubernetes kills a process. */
const MOST_DELAY_SECONDS = 20;

const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400 };

const schema = z.object({
  NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY: given.refine((key) => frontendApiHost(key) !== null, {
    error: "is not a Clerk publishable key (pk_test_… or pk_live_…)",
  }),
  CLERK_SECRET_KEY: given.regex(/^sk_(test|live)_[!-~]+$/, {
    error: "is not a Clerk secret key (sk_test_… or sk_live_…)",
  }),
  CLERK_JWT_KEY: optional(
    given.transform(repairPems).refine((keys) => keys.length > 0 && keys.every(isPublicKey), {
      error:
        "is not a PEM public key, or a list of them (Clerk dashboard, API keys, JWT public key)",
    }),
  ),
  CLERK_WEBHOOK_SIGNING_SECRET: given
    .transform((list) => list.split(/[\s,]+/).filter(Boolean))
    // The prefix is optional, as in Svix's own libraries.
    .refine((list) => list.length > 0 && list.every((secret) => SIGNING_SECRET.test(secret)), {
      error: "is not a signing secret (whsec_…; two, separated by a comma, during a rotation)",
    }),
  CLERK_API_URL: optional(httpUrl),
  CLERK_INSTANCE_ID: optional(given.regex(/^ins_\w+$/, { error: "is not an instance id (ins_…)" })),
  NEXT_PUBLIC_CLERK_PROXY_URL: optional(
    given.refine((value) => value.startsWith("/") || isHttpUrl(value), {
      error: "is neither a path such as /__clerk nor an http(s) URL",
    }),
  ),
  MIRROR_PRIVATE_METADATA: optional(flag),
  CANARY_ORGANIZATION_ID: optional(
    given.regex(/^org_\w+$/, { error: "is not an organization id (org_…)" }),
  ),
  ALERT_WEBHOOK_URL: optional(httpUrl),
  ALERT_EMAIL_TO: optional(
    given
      .transform((list) => list.split(/[\s,]+/).filter(Boolean))
      .refine((list) => list.length > 0 && list.every(isAddress), {
        error: "is not an e-mail address, or a list of them separated by commas",
      }),
  ),
  ALERT_EMAIL_FROM: optional(given.refine(isAddress, { error: "is not an e-mail address" })),
  SMTP_URL: optional(
    given.refine((value) => /^smtps?:\/\/[^/]+\/?$/.test(value) && URL.canParse(value), {
      error: "is not smtp://user:password@host:587 or smtps://user:password@host:465",
    }),
  ),
  CLERK_RATE_SHARE: optional(
    given.transform(Number).refine((share) => share > 0 && share <= 1, {
      error: "is not a share between 0 and 1",
    }),
  ),
  RETENTION_DAYS: optional(
    wholeNumber(MOST_DAYS, `is not a number of days from 1 to ${MOST_DAYS}`),
  ),
  PARTITION_INTERVAL: optional(word(["day", "week", "month"], "is none of day, week, month")),
  ARCHIVE_KEY: optional(archiveKeys),
  ARCHIVE_PURCHASE_YEARS: optional(wholeNumber(100, "is not a number of years from 1 to 100")),
  LAST_ADMIN_POLICY: optional(
    word(["refuse", "promote", "delete"], "is none of refuse, promote, delete"),
  ),
  ERASURE_HOLDBACK: optional(
    given
      .regex(/^(0|\d{1,5}[smhd])$/, { error: "is neither 0 nor a time such as 30m, 24h or 7d" })
      .transform((value) => Number.parseInt(value, 10) * (SECONDS[value.slice(-1)] ?? 0)),
  ),
  ERASURE_BRAKE_COUNT: optional(wholeNumber(1_000_000, "is not a number of deletions")),
  ERASURE_BRAKE_PERCENT: optional(wholeNumber(100, "is not a number from 1 to 100")),
  ERASURE_HEAD_DAYS: optional(wholeNumber(36_500, "is not a number of days")),
  ERASURE_HEAD_URL: optional(
    given.refine((value) => /^(\/|file:\/\/\/.)/.test(value) || isHttpUrl(value), {
      error: "is neither an absolute path, a file:// URL nor an http(s) URL",
    }),
  ),
  TERMS_URL: optional(httpUrl),
  PRIVACY_URL: optional(httpUrl),
  ROLLCALL_WORKER: optional(word(["in-app", "off"], "is neither in-app nor off")),
  CRON_SECRET: optional(given.min(16, { error: "is shorter than 16 characters" })),
  DATABASE_URL: databaseUrl,
  DIRECT_DATABASE_URL: optional(databaseUrl),
  DATABASE_REPLICA_URL: optional(databaseUrl),
  DATABASE_REPLICA_MAX_LAG: optional(
    given
      .regex(/^[1-9]\d{0,4}[sm]$/, { error: "is not a time such as 5s or 1m" })
      .transform((value) => Number.parseInt(value, 10) * (SECONDS[value.slice(-1)] ?? 0)),
  ),
  DATABASE_POOL_SIZE: optional(wholeNumber(10_000, "is not a number of connections")),
  REDIS_URL: optional(
    given.refine((value) => /^rediss?:\/\/[^/]/.test(value) && URL.canParse(value), {
      error: "is not redis://host:6379 or rediss://user:password@host:6379",
    }),
  ),
  PORT: optional(port),
  WORKER_PORT: optional(port),
  SHUTDOWN_DELAY: optional(
    given.refine((value) => /^\d{1,2}$/.test(value) && Number(value) <= MOST_DELAY_SECONDS, {
      error: `is not a number of seconds from 0 to ${MOST_DELAY_SECONDS}`,
    }),
  ),
  WS_PORT: optional(port),
  METRICS_TOKEN: optional(given.min(16, { error: "is shorter than 16 characters" })),
  OTEL_EXPORTER_OTLP_ENDPOINT: optional(httpUrl),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: optional(httpUrl),
  OTEL_EXPORTER_OTLP_PROTOCOL: optional(otlpProtocol),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: optional(otlpProtocol),
  OTEL_TRACES_EXPORTER: optional(word(["otlp", "none"], "is neither otlp nor none")),
  OTEL_SDK_DISABLED: optional(z.string()),
  APP_URL: optional(httpUrl),
  NEXT_MANUAL_SIG_HANDLE: optional(z.string()),
  PROVISIONING_COMPENSATION: optional(
    word(["off", "remove-new-account"], "is neither off nor remove-new-account"),
  ),
  GRAPHQL_TRUSTED_DOCUMENTS_ONLY: optional(flag),
  NODE_ENV: optional(
    z.enum(["development", "production", "test"], {
      error: "is none of development, production, test",
    }),
  ),
});

/** Every variable that Rollcall reads; `.env.example` explains each. */
export const variableNames = Object.keys(schema.shape);

export type Env = {
  publishableKey: string;
  /** Host of Clerk's Frontend API, decoded from the publishable key. It issues the session tokens. */
  frontendApiHost: string;
  /** The URL of Clerk's Frontend API if this app proxies it, for example to the local Clerk. */
  proxyUrl: string | undefined;
  secretKey: string;
  /**
   * Clerk's public keys as PEMs, several during a rotation. If a key is set, session tokens are verified without a request to
   * Clerk.
   */
  jwtKeys: string[];
  /** One signing secret, or two during a rotation. */
  webhookSigningSecrets: string[];
  apiUrl: string | undefined;
  /** The Clerk instance of this mirror; if not set, it is read from the Backend API. */
  clerkInstanceId: string | undefined;
  /** True if private metadata is stored. If false, it is also removed from stored webhook bodies. */
  mirrorsPrivateMetadata: boolean;
  /** The organization whose metadata the canary changes; if not set, the canary is off. */
  canaryOrganizationId: string | undefined;
  /** A Slack-compatible URL that receives alerts; it is a secret. If not set, no alert is posted. */
  alertWebhookUrl: string | undefined;
  /** Where alerts are mailed; null without ALERT_EMAIL_TO and SMTP_URL. `smtpUrl` has the password. */
  alertMail: { to: string[]; from: string; smtpUrl: string } | null;
  /** The share of Clerk's rate limit that a reconciliation may use, above 0 and at most 1. */
  clerkRateShare: number;
  /** How many days the bodies of deliveries, superseded versions of mirrored objects, and finished effects are kept. */
  retentionDays: number;
  partitionInterval: "day" | "week" | "month";
  /**
   * The keys of the archive. The first one encrypts; the others only decrypt older entries. If there are none, purchases of
   * erased users stay in their tables.
   */
  archiveKeys: ArchiveKey[];
  /** How many years purchases are kept after an erasure. */
  archiveYears: number;
  /** What happens to an organization whose last admin deletes their own account. */
  lastAdminPolicy: "refuse" | "promote" | "delete";
  /** How long a deletion can be undone, in seconds. */
  erasureHoldbackSeconds: number;
  /**
   * The limits of the brake, for the deletions of users within an hour: their number, and their share of all users. More
   * deletions than either limit pause erasures. Fewer than 10 deletions never exceed the share.
   */
  erasureBrakeCount: number;
  erasureBrakeShare: number;
  /**
   * The place outside the database where the head (the record of all erasure receipts) is kept: a path, or a URL for GET and PUT.
   * If not set, a restore is not detected.
   */
  erasureHeadUrl: string | undefined;
  /** How long the head keeps a receipt. A backup that is older cannot be restored. */
  erasureHeadDays: number;
  /** The terms that our own sign-up form links to. Clerk's form takes its links from Clerk's dashboard. */
  termsUrl: string | undefined;
  privacyUrl: string | undefined;
  /** True if the background worker runs inside the app's process. */
  isWorkerInApp: boolean;
  /** The bearer token of the cron route; if not set, the route refuses every call. */
  cronSecret: string | undefined;
  databaseUrl: string;
  /** URL of a connection without a pooler: LISTEN, advisory locks and migrations do not work through a transaction pooler. */
  directDatabaseUrl: string;
  /** URL of a hot standby, from which the console's lists, exports and plots are read. */
  databaseReplicaUrl: string | undefined;
  /** How far the standby may be behind the primary, in ms. */
  replicaMaxLagMs: number;
  /** Redis or Valkey: fan-out of changes, and limits that are counted across instances. Without it, Postgres does the former. */
  redisUrl: string | undefined;
  /** The maximum number of connections of one process's pool. */
  databasePoolSize: number | undefined;
  port: number;
  /** The port of the worker's probes; if not set, a worker answers none. */
  workerPort: number | undefined;
  /** How long a process serves requests after SIGTERM while its readiness is false. */
  shutdownDelayMs: number;
  /** The app's public origin, without a trailing slash. */
  appUrl: string;
  /** True if a new account whose data cannot be mirrored is deleted at Clerk after repeated failures. Off by default. */
  removesUnprovisionable: boolean;
  /** True if the API refuses every operation that is not in the build's list of trusted documents. */
  trustedDocumentsOnly: boolean;
  /** The port of `npm run ws`. */
  wsPort: number;
  /** The bearer token of `/api/metrics`; if not set, the process has no metrics and the route does not exist. */
  metricsToken: string | undefined;
  /** How spans are sent to the collector of the OTEL_ variables. Null if none is named: then no span is recorded. */
  tracingProtocol: "http/protobuf" | "http/json" | null;
  isProduction: boolean;
  /** True if Next leaves SIGTERM to us: https://nextjs.org/docs/app/guides/self-hosting#graceful-shutdowns */
  handlesShutdown: boolean;
};

/** https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ */
function tracingProtocolOf(value: z.output<typeof schema>): Env["tracingProtocol"] {
  const hasCollector =
    value.OTEL_EXPORTER_OTLP_ENDPOINT ??
    value.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ??
    (value.OTEL_TRACES_EXPORTER === "otlp" ? "the default address" : undefined);
  const isOff =
    value.OTEL_SDK_DISABLED?.trim().toLowerCase() === "true" ||
    value.OTEL_TRACES_EXPORTER === "none";
  if (isOff || hasCollector === undefined) return null;
  return (
    value.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? value.OTEL_EXPORTER_OTLP_PROTOCOL ?? "http/protobuf"
  );
}

function tidy(source: Record<string, string | undefined>): Record<string, string | undefined> {
  return Object.fromEntries(
    variableNames.map((name) => {
      const value = source[name];
      return [name, value === undefined ? undefined : withoutSurroundings(value, name)];
    }),
  );
}

/** Variables that Clerk's packages read from process.env themselves, so `env()` writes the repaired values back. */
const READ_BY_CLERK = ["NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY", "CLERK_SECRET_KEY", "CLERK_API_URL"];

/** @throws UserError naming every variable that is missing, a placeholder or malformed. */
export function parseEnv(source: Record<string, string | undefined>): Env {
  const parsed = schema.safeParse(tidy(source));
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
    throw new UserError(
      `Rollcall cannot start: ${faults.join("; ")}. Set it in the environment or .env.local (see .env.example); \`npm run dev\` needs none of them.`,
    );
  }
  const value = parsed.data;
  return {
    publishableKey: value.NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY,
    frontendApiHost: frontendApiHost(value.NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY) ?? "",
    proxyUrl: value.NEXT_PUBLIC_CLERK_PROXY_URL,
    secretKey: value.CLERK_SECRET_KEY,
    jwtKeys: value.CLERK_JWT_KEY ?? [],
    webhookSigningSecrets: value.CLERK_WEBHOOK_SIGNING_SECRET,
    apiUrl: value.CLERK_API_URL,
    clerkInstanceId: value.CLERK_INSTANCE_ID,
    mirrorsPrivateMetadata: value.MIRROR_PRIVATE_METADATA === "true",
    canaryOrganizationId: value.CANARY_ORGANIZATION_ID,
    alertWebhookUrl: value.ALERT_WEBHOOK_URL,
    alertMail:
      value.ALERT_EMAIL_TO && value.SMTP_URL
        ? {
            to: value.ALERT_EMAIL_TO,
            from: value.ALERT_EMAIL_FROM ?? value.ALERT_EMAIL_TO[0] ?? "",
            smtpUrl: value.SMTP_URL,
          }
        : null,
    clerkRateShare: value.CLERK_RATE_SHARE ?? 0.5,
    retentionDays: value.RETENTION_DAYS ?? 90,
    partitionInterval: value.PARTITION_INTERVAL ?? ("week" as const),
    archiveKeys: value.ARCHIVE_KEY ?? [],
    archiveYears: value.ARCHIVE_PURCHASE_YEARS ?? PURCHASE_YEARS,
    lastAdminPolicy: value.LAST_ADMIN_POLICY ?? "refuse",
    erasureHoldbackSeconds: value.ERASURE_HOLDBACK ?? 0,
    erasureBrakeCount: value.ERASURE_BRAKE_COUNT ?? 100,
    erasureBrakeShare: (value.ERASURE_BRAKE_PERCENT ?? 5) / 100,
    erasureHeadUrl: value.ERASURE_HEAD_URL,
    erasureHeadDays: value.ERASURE_HEAD_DAYS ?? 365,
    termsUrl: value.TERMS_URL,
    privacyUrl: value.PRIVACY_URL,
    isWorkerInApp: value.ROLLCALL_WORKER !== "off",
    cronSecret: value.CRON_SECRET,
    databaseUrl: value.DATABASE_URL,
    directDatabaseUrl: value.DIRECT_DATABASE_URL ?? value.DATABASE_URL,
    databaseReplicaUrl: value.DATABASE_REPLICA_URL,
    replicaMaxLagMs: (value.DATABASE_REPLICA_MAX_LAG ?? 5) * 1_000,
    redisUrl: value.REDIS_URL,
    databasePoolSize: value.DATABASE_POOL_SIZE,
    port: Number(value.PORT ?? "3000"),
    workerPort: value.WORKER_PORT === undefined ? undefined : Number(value.WORKER_PORT),
    shutdownDelayMs: Number(value.SHUTDOWN_DELAY ?? "0") * 1_000,
    appUrl: new URL(value.APP_URL ?? `http://localhost:${value.PORT ?? "3000"}`).origin,
    removesUnprovisionable: value.PROVISIONING_COMPENSATION === "remove-new-account",
    trustedDocumentsOnly: value.GRAPHQL_TRUSTED_DOCUMENTS_ONLY === "true",
    wsPort: Number(value.WS_PORT ?? "3001"),
    metricsToken: value.METRICS_TOKEN,
    tracingProtocol: tracingProtocolOf(value),
    isProduction: value.NODE_ENV === "production",
    handlesShutdown: value.NEXT_MANUAL_SIG_HANDLE !== undefined,
  };
}

let cached: Env | undefined;

/**
 * Returns the parsed environment. `instrumentation.ts` calls this first, so an invalid environment stops the start.
 * @throws UserError
 */
export function env(): Env {
  if (cached) return cached;
  cached = parseEnv(process.env);
  const tidied = tidy(process.env);
  for (const name of READ_BY_CLERK) {
    if (process.env[name] !== undefined) process.env[name] = tidied[name];
  }
  return cached;
}
