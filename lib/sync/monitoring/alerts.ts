/**
 * Alerts: posts each problem that Health finds to a Slack-compatible webhook URL, once when the problem begins or gets worse, and
 * once when it is over. The state of the sent alerts is a row of `sync_facts`, so several workers send each alert once.
 */
import { z } from "zod";
import { type Queryable, transaction } from "../../db";
import { env } from "../../env";
import { log } from "../../log";
import { paths } from "../../paths";
import type { Finding } from "./finding";
import type { Health } from "./health";
import { sentenceText } from "./verdict";

/** The codes of findings that come and go with the load. They cause no alert. */
const MEASURED = new Set(["slow-database", "connections"]);

/** A finding that is missing in this many consecutive checks is over. A single check may miss a finding by chance. */
const MISSED_CHECKS = 2;

const DEADLINE_MS = 10_000;

const openShape = z.record(
  z.string(),
  z.object({ state: z.enum(["bad", "warn"]), sentence: z.string(), missed: z.number() }),
);
/** The problems that were reported and are not over, by the code of the finding. */
type Open = z.output<typeof openShape>;

const isProblem = ({ code, state }: Finding) =>
  (state === "bad" || state === "warn") && !MEASURED.has(code);

/** Returns the lines to send, and the open alerts after they were sent. Pure. */
export function decideAlerts(open: Open, { findings, at }: Pick<Health, "findings" | "at">) {
  const { appUrl } = env();
  const lines: string[] = [];
  const next: Open = {};
  for (const finding of findings.filter(isProblem)) {
    const { code, remedy, href } = finding;
    const state = finding.state === "bad" ? "bad" : "warn";
    const before = open[code];
    const sentence = sentenceText(finding.sentence, at);
    next[code] = { state, sentence, missed: 0 };
    if (before && !(before.state === "warn" && state === "bad")) continue;
    const mark = state === "bad" ? "🔴" : "🟠";
    lines.push(
      [`${mark} ${sentence}`, remedy, `${appUrl}${href ?? paths.sync}`].filter(Boolean).join("\n"),
    );
  }
  for (const [code, alert] of Object.entries(open)) {
    if (next[code]) continue;
    if (alert.missed + 1 < MISSED_CHECKS) next[code] = { ...alert, missed: alert.missed + 1 };
    else lines.push(`🟢 This is over: ${alert.sentence}\n${appUrl}${paths.sync}`);
  }
  return { lines, next };
}

/** Posts an alert. Resolves to true if the receiver accepted it. Logs a failure without the URL, which is a secret. */
async function post(url: string, text: string): Promise<boolean> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ text }),
      redirect: "error",
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    await response.body?.cancel();
    if (response.ok) return true;
    log.warn("alert not sent: the receiver refused it", { status: response.status });
  } catch (error) {
    const name = error instanceof Error ? error.name : "unknown";
    log.warn("alert not sent: ALERT_WEBHOOK_URL could not be reached", { error: name });
  }
  return false;
}

async function lockOpen(db: Queryable): Promise<Open> {
  await db.query(
    "INSERT INTO sync_facts (name, value) VALUES ('alerts', '{}') ON CONFLICT DO NOTHING",
  );
  const { rows } = await db.query<{ value: unknown }>(
    "SELECT value FROM sync_facts WHERE name = 'alerts' FOR UPDATE",
  );
  return openShape.safeParse(rows[0]?.value).data ?? {};
}

/**
 * Sends the alerts that are due. An alert that the receiver did not accept is sent again in the next check. Without
 * `ALERT_WEBHOOK_URL`, does nothing.
 */
export async function sendAlerts(readHealth: () => Promise<Health>): Promise<void> {
  const { alertWebhookUrl } = env();
  if (!alertWebhookUrl) return;
  const health = await readHealth();
  if (health.databaseFault) return;
  await transaction(async (db) => {
    const { lines, next } = decideAlerts(await lockOpen(db), health);
    const host = new URL(env().appUrl).host;
    const text = [`*Rollcall, ${host}*`, ...lines].join("\n\n");
    if (lines.length > 0 && !(await post(alertWebhookUrl, text))) return;
    await db.query(
      "UPDATE sync_facts SET value = $1::jsonb, updated_at = now() WHERE name = 'alerts'",
      [JSON.stringify(next)],
    );
  });
}
